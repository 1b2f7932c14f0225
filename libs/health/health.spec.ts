import 'reflect-metadata'
import { tmpdir } from 'node:os'
import { Test } from '@nestjs/testing'
import type { FastifyReply } from 'fastify'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Settings } from '#config'
import { Database } from '#database'
import { JsonLogger, KernelModule, PACKAGE_VERSION, ReadinessProbes } from '#kernel'
import { Module } from '@nestjs/common'
import { graphLibraryVersion } from './graph-library-version.js'
import { HealthController } from './health.controller.js'
import { HealthModule } from './health.module.js'
import { PROBE_DEADLINE_MS } from './parts.js'
import { Readiness } from './readiness.js'
import { SystemController } from './system.controller.js'

let query: () => Promise<unknown>
let probes: ReadinessProbes
let health: HealthController
let system: SystemController
let readiness: Readiness

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  query = () => Promise.resolve({ rows: [], affected: 0 })
  const stand = {
    module: class {},
    global: true,
    providers: [
      { provide: Settings, useValue: { projectDir: process.cwd() } },
      { provide: Database, useValue: { query: () => query() } },
    ],
    exports: [Settings, Database],
  }
  Module({})(stand.module)
  const kernel = KernelModule.register({ logger: JsonLogger.create('silent') })
  const module = await Test.createTestingModule({ imports: [kernel, stand, HealthModule] }).compile()
  health = module.get(HealthController)
  system = module.get(SystemController)
  await module.init()
  probes = module.get(ReadinessProbes)
  readiness = module.get(Readiness)
  readiness.started()
})

afterEach(() => {
  vi.useRealTimers()
})

it('says what it is, and leaves no flag true for what does not exist', () => {
  expect(system.info()).toEqual({
    version: PACKAGE_VERSION,
    langgraph_js_version: graphLibraryVersion(process.cwd()),
    context: 'js',
    flags: { assistants: true, crons: true, langsmith: false, langsmith_tracing_replicas: false },
    host: { kind: 'self-hosted', project_id: null, revision_id: null, tenant_id: null },
    metadata: {},
  })
})

it('knows the version of the library of a project, and that a project has none', () => {
  expect(graphLibraryVersion(process.cwd())).toMatch(/^\d+\.\d+\.\d+/)
  expect(graphLibraryVersion(tmpdir())).toBeNull()
})

it('is ok without asking the database, unless asked to', async () => {
  query = () => Promise.reject(new Error('connection refused'))
  expect(await system.ok(undefined)).toEqual({ ok: true })
  expect(await system.ok('0')).toEqual({ ok: true })
  await expect(system.ok('1')).rejects.toMatchObject({ status: 500, message: 'The database failed to answer' })
})

/** Status and body of the answer. */
async function askReady(): Promise<[number, unknown]> {
  let status = 200
  const body = await health.ready({ status: (given: number) => (status = given) } as unknown as FastifyReply)
  return [status, body]
}

it('is ready between start and stop while the database answers', async () => {
  expect(await askReady()).toEqual([200, { ok: true, parts: { database: 'up' } }])
  readiness.stopping()
  expect(await askReady()).toEqual([
    503,
    { ok: false, detail: 'Not ready: the server is stopping', parts: { database: 'up' } },
  ])
  expect(health.live()).toEqual({ ok: true })
})

it('gives up on a database that hangs, and asks it only once meanwhile', async () => {
  const asked = vi.fn(() => new Promise<unknown>(() => undefined))
  query = asked
  const answers = [askReady(), askReady()]
  await vi.advanceTimersByTimeAsync(PROBE_DEADLINE_MS)
  for (const [status, body] of await Promise.all(answers)) {
    expect(status).toBe(503)
    expect(body).toMatchObject({ parts: { database: 'did not answer within 2000 ms' } })
  }
  expect(asked).toHaveBeenCalledTimes(1)
})

it('asks again after an answer', async () => {
  query = () => Promise.reject(new Error('away'))
  expect(await askReady()).toMatchObject([503, { detail: 'Not ready: database failed to answer' }])
  query = () => Promise.resolve({ rows: [], affected: 0 })
  expect(await askReady()).toMatchObject([200, {}])
})

it('asks what other rooms offer too, and names the one that is away', async () => {
  probes.add('redis', () => Promise.resolve('cannot be reached'))
  expect(await askReady()).toEqual([
    503,
    {
      ok: false,
      detail: 'Not ready: redis cannot be reached',
      parts: { database: 'up', redis: 'cannot be reached' },
    },
  ])
  expect(() => probes.add('redis', () => Promise.resolve(null))).toThrow('twice')
})
