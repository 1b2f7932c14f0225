import 'reflect-metadata'
import { connect } from 'node:net'
import { Body, Controller, Delete, Get, HttpCode, Module, Param, Post, Res } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { IsString } from 'class-validator'
import type { FastifyReply } from 'fastify'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CorsSettings, HttpSettings } from '#config'
import { MAX_JSON_DEPTH } from '#http'
import { invalidRequest, JsonLogger } from '#kernel'
import { createEdgeApp } from './create-edge-app.js'

class NoteDto {
  @IsString()
  text!: string
}

@Controller()
class ProbeController {
  @Post('notes')
  create(@Body() note: NoteDto): object {
    return { text: note.text }
  }

  @Post('raw')
  raw(@Body() body: unknown): object {
    return { body }
  }

  @Post('copy')
  copy(): object {
    return { copied: true }
  }

  @Delete('notes')
  @HttpCode(204)
  remove(): void {}

  @Get('nothing')
  nothing(): null {
    return null
  }

  @Get('count')
  count(): number {
    return 7
  }

  @Get('fail/:how')
  fail(@Param('how') how: string): never {
    throw how === 'known' ? invalidRequest('text: is too long') : new Error('the secret is 42')
  }

  @Get('late')
  late(@Res() reply: FastifyReply): never {
    reply.hijack()
    reply.raw.writeHead(200)
    reply.raw.write('half')
    throw new Error('after the first byte')
  }

  @Get('inspector/:bin/requests')
  requests(): object {
    return []
  }
}

class ProbeModule {}
Module({ controllers: [ProbeController] })(ProbeModule)

const ANY_ORIGIN: CorsSettings = {
  origins: ['*'],
  originRegex: null,
  methods: ['GET', 'POST'],
  headers: ['*'],
  credentials: false,
  exposeHeaders: ['content-location', 'x-pagination-next'],
  maxAgeSeconds: 600,
}

const HTTP: HttpSettings = {
  host: '127.0.0.1',
  port: 0,
  mountPrefix: '/api',
  bodyLimitBytes: 10_000,
  maxStreams: 100,
  cors: ANY_ORIGIN,
  configurableHeaders: { includes: [], excludes: [] },
  loggingHeaders: { includes: [], excludes: [] },
  disabled: [],
  customRoutes: null,
}

const apps: NestFastifyApplication[] = []
let url: string

async function startEdge(cors: CorsSettings): Promise<string> {
  const app = await createEdgeApp(
    { module: ProbeModule },
    { settings: { ...HTTP, cors }, logger: JsonLogger.create('silent') },
  )
  apps.push(app)
  await app.listen(0, '127.0.0.1')
  return `${await app.getUrl()}/api`
}

beforeAll(async () => {
  url = await startEdge(ANY_ORIGIN)
})

afterAll(async () => {
  for (const app of apps) {
    app.getHttpServer().closeAllConnections()
    await app.close()
  }
})

const JSON_TYPE = { 'content-type': 'application/json' }

function post(path: string, body: string | null, headers: Record<string, string> = JSON_TYPE): Promise<Response> {
  return fetch(`${url}${path}`, { method: 'POST', headers, body })
}

it('answers POST with 200, null as JSON, a bare number, and nothing with 204', async () => {
  const created = await post('/notes', '{"text":"a","other":1}')
  expect([created.status, await created.json()]).toEqual([200, { text: 'a' }])
  const nothing = await fetch(`${url}/nothing`)
  expect([nothing.headers.get('content-type'), await nothing.text()]).toEqual([
    'application/json; charset=utf-8',
    'null',
  ])
  expect(await (await fetch(`${url}/count`)).json()).toBe(7)
  expect((await fetch(`${url}/notes`, { method: 'DELETE' })).status).toBe(204)
})

it('names the field and the rule of a bad body', async () => {
  const answer = await post('/notes', '{"text":5}')
  expect([answer.status, await answer.json()]).toEqual([422, { detail: 'text: must be a string' }])
})

it.each([
  ['malformed', '{"text":', 'Request body is not valid JSON'],
  ['empty', '', 'Request body is not valid JSON'],
  ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]).toString('latin1'), null],
  ['too deep', '['.repeat(MAX_JSON_DEPTH + 1) + ']'.repeat(MAX_JSON_DEPTH + 1), 'body: nested deeper than 500 levels'],
  ['a list', '[]', 'body: must be an object'],
  [
    'a prototype',
    '{"text":"a","x":{"__proto__":{"y":1}}}',
    'body: __proto__ and constructor.prototype are not allowed',
  ],
  ['a constructor', '{"constructor":{"prototype":{}}}', 'body: __proto__ and constructor.prototype are not allowed'],
])('answers 422 and never 500 to a body that is %s', async (_kind, body, detail) => {
  const bytes = detail === null ? Buffer.from(body, 'latin1') : Buffer.from(body)
  const answer = await fetch(`${url}/notes`, { method: 'POST', headers: JSON_TYPE, body: bytes })
  expect([answer.status, await answer.json()]).toEqual([422, { detail: detail ?? 'Request body is not valid JSON' }])
})

it('takes a deep body that is within the limit', async () => {
  const deep = '['.repeat(MAX_JSON_DEPTH) + ']'.repeat(MAX_JSON_DEPTH)
  expect((await post('/raw', deep)).status).toBe(200)
})

it('reads text/plain and +json as JSON, and refuses other media types', async () => {
  for (const type of ['text/plain;charset=UTF-8', 'application/vnd.x+json', 'application/json; charset=utf-8']) {
    expect((await post('/notes', '{"text":"a"}', { 'content-type': type })).status).toBe(200)
  }
  const refused = await post('/notes', 'text=a', { 'content-type': 'application/x-www-form-urlencoded' })
  expect([refused.status, await refused.json()]).toEqual([415, { detail: 'Unsupported Media Type' }])
})

it('accepts a POST without a body, with and without a media type, where none is read', async () => {
  expect((await post('/copy', null, {})).status).toBe(200)
  expect((await post('/copy', null, JSON_TYPE)).status).toBe(200)
  expect((await post('/copy', '', JSON_TYPE)).status).toBe(200)
})

it('refuses a body over the limit', async () => {
  const answer = await post('/notes', JSON.stringify({ text: 'x'.repeat(10_000) }))
  expect([answer.status, await answer.json()]).toEqual([413, { detail: 'Payload Too Large' }])
})

it('tells a known fault, and nothing of an unknown one', async () => {
  const known = await fetch(`${url}/fail/known`)
  expect([known.status, await known.json()]).toEqual([422, { detail: 'text: is too long' }])
  const unknown = await fetch(`${url}/fail/unknown`)
  expect([unknown.status, await unknown.json()]).toEqual([500, { detail: 'Internal Server Error' }])
})

it('breaks an answer that has begun when its handler fails', async () => {
  const answer = await fetch(`${url}/late`)
  await expect(answer.text()).rejects.toThrow('terminated')
})

it.each(['/unknown', '/../unknown'])('answers 404 to an unknown path: %s', async (path) => {
  const answer = await fetch(`${url}${path}`)
  expect([answer.status, await answer.json()]).toEqual([404, { detail: 'Not Found' }])
})

it('answers a broken path escape and an overlong parameter with a detail', async () => {
  const broken = await fetch(`${url}/fail/%zz`)
  expect([broken.status, await broken.json()]).toEqual([400, { detail: expect.stringContaining('%zz') }])
  const long = await fetch(`${url}/fail/${'x'.repeat(2_000)}`)
  expect([long.status, await long.json()]).toEqual([414, { detail: 'URI Too Long' }])
  expect(long.headers.get('x-request-id')).toBeTruthy()
})

it('answers what is not HTTP, and too many header bytes', async () => {
  expect(await exchange('GARBAGE\r\n\r\n')).toContain('HTTP/1.1 400 Bad Request')
  expect(await exchange(`GET / HTTP/1.1\r\nx-a: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 .*\{"detail"/s)
})

it.each([
  ['HTTP/1.1', 'Host: localhost\r\nHost: evil.test'],
  ['HTTP/1.1', 'host: localhost\r\nx-a: b\r\nHOST: localhost'],
  ['HTTP/1.0', 'Host: localhost\r\nHost: localhost'],
])('answers %s with more than one Host, whichever counts to others: %j', async (version, hosts) => {
  const answer = await exchange(`GET /api/count ${version}\r\n${hosts}\r\nconnection: close\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1.1 400 .*\{"detail":"Host header is repeated"\}$/s)
})

it('answers one Host, and none where the protocol has none', async () => {
  const answers = [
    await exchange('GET /api/count HTTP/1.1\r\nHost: localhost\r\nconnection: close\r\n\r\n'),
    await exchange('GET /api/count HTTP/1.0\r\n\r\n'),
    await exchange('GET /api/count HTTP/1.1\r\nconnection: close\r\n\r\n'),
  ]
  expect(answers.map((answer) => answer.slice(9, 12))).toEqual(['200', '200', '400'])
})

function exchange(text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text))
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(answer))
  })
}

it("keeps the caller's request id when it is sane and makes one when it is not", async () => {
  const kept = await fetch(`${url}/count`, { headers: { 'x-request-id': 'trace-1' } })
  expect(kept.headers.get('x-request-id')).toBe('trace-1')
  const made = await fetch(`${url}/unknown`, { headers: { 'x-request-id': 'no spaces "allowed"' } })
  expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
})

it('opens the API to any origin by default, on errors too, and answers preflights', async () => {
  for (const path of ['/count', '/unknown', '/inspector/bin']) {
    const answer = await fetch(`${url}${path}`, { headers: { origin: 'https://app.test' } })
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-expose-headers')).toBe('content-location, x-pagination-next')
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false)
  }
  const preflight = await preflightOf(url, 'https://app.test')
  expect(preflight.status).toBe(204)
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'x-api-key,content-type',
    'access-control-max-age': '600',
    'x-request-id': expect.any(String),
  })
})

function preflightOf(base: string, origin: string, path = '/notes'): Promise<Response> {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'x-api-key,content-type',
  }
  return fetch(`${base}${path}`, { method: 'OPTIONS', headers })
}

it.each([
  '/inspector/bin/requests',
  '/inspector/bin/requests/1',
  '/inspector/bin/%72equests?a=b',
  '/console',
  '/webhooks/config',
])('sends no CORS headers on %s', async (path) => {
  const answers = [
    await fetch(`${url}${path}`, { headers: { origin: 'https://app.test' } }),
    await preflightOf(url, 'https://app.test', path),
  ]
  for (const answer of answers) expect(answer.headers.has('access-control-allow-origin')).toBe(false)
})

it('lets in the configured origins alone, with credentials', async () => {
  const strict = await startEdge({
    ...ANY_ORIGIN,
    origins: ['https://app.test'],
    originRegex: 'https://[a-z]+\\.example\\.test',
    credentials: true,
  })
  const allowed = async (origin: string) => {
    const { headers } = await fetch(`${strict}/count`, { headers: { origin } })
    expect(headers.get('vary')).toBe('Origin')
    return headers.get('access-control-allow-origin')
  }
  expect(await allowed('https://app.test')).toBe('https://app.test')
  expect(await allowed('https://a.example.test')).toBe('https://a.example.test')
  expect(await allowed('https://a.example.test.evil.test')).toBeNull()
  const preflight = await preflightOf(strict, 'https://evil.test')
  expect(preflight.headers.has('access-control-allow-origin')).toBe(false)
})
