import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadSettings, type Settings } from '#config'
import { JsonLogger } from '#kernel'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { documentFor } from '../../apps/server/api-docs/api-document.js'
import { createApp } from '../../apps/server/create-app.js'
import type { EdgeAdapter } from '../../apps/server/edge/edge-adapter.js'
import { PROJECT, ServerProcess } from '../support/server-process.js'

interface Operation {
  readonly tags: readonly string[]
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly responses: Readonly<Record<string, object>>
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
}
interface Document {
  readonly openapi: string
  readonly servers: { url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** Not of the API: the console of `dev`, and the inspector, which takes any method. */
const APART = /^\/(console|inspector\/.*)$/

let database: TestDatabaseSettings
let server: ServerProcess
let document: Document
let docs: Response
let page: string
let app: NestFastifyApplication

beforeAll(async () => {
  database = await freshDatabase()
  server = await ServerProcess.start({ database: database.settings })
  document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document
  docs = await fetch(`${server.url}/docs`)
  page = await docs.text()
  await server.stop()
  const given = loadSettings({ mode: 'dev', configFile: PROJECT, environment: {}, port: 0 })
  const settings: Settings = Object.assign({}, given, { database: database.settings })
  app = await createApp({ settings, logger: JsonLogger.create('silent') })
})
afterAll(async () => {
  await app.close()
  await database.remove()
})

it('is valid OpenAPI 3.1', async () => {
  expect(document.openapi).toBe('3.1.0')
  const { valid, errors } = await new Validator().validate(
    JSON.parse(JSON.stringify(document)) as Record<string, unknown>,
  )
  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
})

it('has every route of the server, and no other', () => {
  const { routes } = (app.getHttpAdapter() as unknown as EdgeAdapter).routes
  const served = routes
    .filter(({ method, url }) => method !== 'HEAD' && !APART.test(url))
    .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}').replace(/\*$/, '{path}')}`)
  const told = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect([...new Set(told)].sort()).toEqual([...new Set(served)].sort())
})

it('tells of every operation what it answers, and how a fault looks', () => {
  for (const operations of Object.values(document.paths)) {
    for (const { responses } of Object.values(operations)) {
      expect(Object.keys(responses)).toEqual(expect.arrayContaining([expect.stringMatching(/^20[024]$/), 'default']))
    }
  }
  expect(document).toMatchObject({
    paths: {
      '/threads/{thread_id}': {
        get: {
          responses: {
            200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/WireThread' } } } },
          },
        },
        delete: { responses: { 204: {} } },
      },
      '/runs': {
        post: {
          requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/CreateRunDto' } } } },
        },
      },
    },
    components: { schemas: { Fault: { required: ['detail'] }, CreateRunDto: { required: ['assistant_id'] } } },
  })
})

it('tells every fault of a route, each with the body of a fault', () => {
  const fault = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Fault' } } } }
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const { responses } of Object.values(operations)) {
      if (path.includes('_id}')) expect(responses).toMatchObject({ 404: fault, 422: fault })
      for (const [status, answer] of Object.entries(responses))
        // Readiness names its parts whether they are there or not: one body, which has the `detail` of a fault.
        if (!status.startsWith('2') && path !== '/health/ready')
          expect([path, status, answer]).toMatchObject([path, status, fault])
    }
  }
  const statusesOf = (method: string, path: string) => Object.keys(document.paths[path]?.[method]?.responses ?? {})
  expect(statusesOf('post', '/threads')).toEqual(['200', '401', '403', '409', '413', '415', '422', 'default'])
  const patched = ['200', '204', '401', '403', '404', '413', '415', '422', 'default']
  expect(statusesOf('patch', '/threads/{thread_id}')).toEqual(patched)
  expect(statusesOf('post', '/threads/{thread_id}/runs/{run_id}/cancel')).toEqual([
    '200',
    '202',
    '401',
    '403',
    '404',
    '422',
    'default',
  ])
  expect(statusesOf('post', '/threads/{thread_id}/runs')).toEqual(expect.arrayContaining(['400', '404', '409', '422']))
  expect(statusesOf('get', '/ok')).toEqual(['200', '422', 'default'])
})

it('lists query parameters, also those that are read further down', () => {
  const queriesOf = (path: string) =>
    document.paths[path]?.['get']?.parameters.filter((one) => one.in === 'query').map(({ name }) => name)
  const run = '/threads/{thread_id}/runs/{run_id}'
  const join = ['stream_mode', 'cancel_on_disconnect', 'last_event_id']
  expect(queriesOf('/threads/{thread_id}/runs')).toEqual(['limit', 'offset', 'status', 'metadata', 'select'])
  for (const path of [`${run}/join`, `${run}/stream`, '/runs/{run_id}/stream']) expect(queriesOf(path)).toEqual(join)
  expect(queriesOf('/threads/{thread_id}/stream')).toEqual(['stream_mode', 'stream_modes', 'last_event_id'])
  expect(queriesOf('/threads/{thread_id}/state')).toEqual(['select', 'subgraphs'])
  expect(queriesOf('/threads/{thread_id}/history')).toEqual(['select', 'limit', 'before'])
})

it('says which key opens what has one of its own, and what asks for none', () => {
  const securityOf = (path: string) => Object.values(document.paths[path] ?? {}).map(({ security }) => security)
  const admin = [{ adminKey: [] }]
  expect(document).toMatchObject({
    components: { securitySchemes: { adminKey: { type: 'apiKey', in: 'header', name: 'x-admin-key' } } },
  })
  expect(securityOf('/webhooks/settings')).toEqual([admin, admin])
  expect(securityOf('/metrics')).toEqual([[{}, { adminKey: [] }]])
  for (const path of ['/', '/ok', '/info', '/health/live', '/health/ready', '/docs', '/openapi.json'])
    expect([path, securityOf(path)]).toEqual([path, [[]]])
  // As the server is configured.
  for (const path of [
    '/runs/crons/{cron_id}',
    '/threads/{thread_id}/state',
    '/store/items',
    '/thread/{thread_id}/runs',
  ])
    expect(securityOf(path).every((security) => security === undefined)).toBe(true)
})

it('has crons under a heading of their own, and names no document that its readers do not have', () => {
  const tags = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.values(operations).map(({ tags: [tag] }) => [path, tag] as const),
  )
  expect(new Set(tags.filter(([path]) => path.includes('/crons')).map(([, tag]) => tag))).toEqual(new Set(['crons']))
  expect(tags).toContainEqual(['/thread/{thread_id}/runs', 'threads'])
  expect(JSON.stringify(document)).not.toMatch(/contract \d/)
})

it('names the parameters of each path', () => {
  for (const [path, operations] of Object.entries(document.paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    for (const { parameters } of Object.values(operations)) {
      const named = parameters.filter((one) => one.in === 'path').map(({ name }) => name)
      expect([path, new Set(named)]).toEqual([path, new Set(inPath)])
    }
  }
})

it('leaves out what is switched off, and names the mount prefix', () => {
  const settings = loadSettings({ mode: 'dev', configFile: PROJECT, environment: {} })
  const some = documentFor(
    document,
    { ...settings.http, mountPrefix: '/api', disabled: ['runs', 'meta'] },
    settings.authDocument,
  )
  const paths = Object.keys(some.paths)
  expect(paths.filter((path) => path.includes('/runs') || path === '/info')).toEqual([])
  expect(paths).toEqual(expect.arrayContaining(['/ok', '/threads/{thread_id}']))
  expect(some.servers).toEqual([{ url: '/api' }])
})

it('is readable on a page that needs nothing from elsewhere', () => {
  expect(docs.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(docs.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; connect-src 'self'; style-src 'sha256-/,
  )
  expect(page).toBe(readFileSync(resolve(import.meta.dirname, '../../apps/server/api-docs/page.html'), 'utf8'))
  expect(page).not.toMatch(/https?:|\/\/cdn|<link|src=/)
})
