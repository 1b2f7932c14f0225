import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { httpProject } from '../support/http-project.js'
import { TestServer } from '../support/test-server.js'

const ALWAYS_EXPOSED = 'content-location, location, x-pagination-total, x-pagination-next, x-request-id'

const JSON_TYPE = { 'content-type': 'application/json' }

/** What a browser asks before a page of this origin may post. */
function preflight(server: TestServer, origin: string, path = '/threads'): Promise<Response> {
  const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key,content-type' }
  return fetch(`${server.url}${path}`, { method: 'OPTIONS', headers: { origin, ...asked } })
}

function post(server: TestServer, path: string, body: string | null, headers: object = JSON_TYPE): Promise<Response> {
  return fetch(`${server.url}${path}`, { method: 'POST', headers: { ...headers }, body })
}

/** A body of 30 MB that tells no length. */
async function* pieces(): AsyncGenerator<Buffer> {
  for (let piece = 0; piece < 300; piece += 1) yield Buffer.alloc(100_000, 'x')
}

describe('a server as it comes', () => {
  const server = TestServer.use({ config: httpProject({}), environment: { SIGNALBOX_BODY_LIMIT: '2000' } })

  it('is open to pages of any origin, which can read what clients need', async () => {
    for (const path of ['/threads/search', '/nowhere']) {
      const { headers } = await post(server, path, '{}', { ...JSON_TYPE, origin: 'https://app.test' })
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('access-control-expose-headers')).toBe(ALWAYS_EXPOSED)
      expect(headers.has('access-control-allow-credentials')).toBe(false)
    }
    const asked = await preflight(server, 'https://app.test')
    expect([asked.status, await asked.text()]).toEqual([204, ''])
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
      'access-control-allow-headers': 'x-api-key,content-type',
      'access-control-max-age': '600',
    })
  })

  it('lets a page read a stream', async () => {
    const body = '{"assistant_id":"echo","input":{}}'
    const { headers } = await post(server, '/runs/stream', body, { ...JSON_TYPE, origin: 'https://app.test' })
    expect(headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-expose-headers')).toBe(ALWAYS_EXPOSED)
  })

  it.each([
    [
      'too large',
      '/threads',
      JSON.stringify({ metadata: { a: 'x'.repeat(2_000) } }),
      JSON_TYPE,
      413,
      'Payload Too Large',
    ],
    [
      'a form',
      '/threads',
      'a=b',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'Unsupported Media Type',
    ],
    ['XML', '/runs/wait', '<a/>', { 'content-type': 'application/xml' }, 415, 'Unsupported Media Type'],
    ['not JSON', '/threads', '{', JSON_TYPE, 422, 'Request body is not valid JSON'],
    [
      'text that is not JSON',
      '/threads',
      'hello',
      { 'content-type': 'text/plain' },
      422,
      'Request body is not valid JSON',
    ],
  ])('refuses a body that is %s', async (_name, path, body, headers, status, detail) => {
    const answer = await post(server, path, body, headers)
    expect([answer.status, await answer.json()]).toEqual([status, { detail }])
  })

  it.each([true, false])('tells the sender of a far too large body why, its length told: %s', async (isLengthTold) => {
    for (let time = 0; time < 5; time += 1) {
      const init = {
        method: 'POST',
        headers: JSON_TYPE,
        body: isLengthTold ? 'x'.repeat(30_000_000) : pieces(),
        duplex: 'half',
      }
      const answer = await fetch(`${server.url}/threads`, init as RequestInit)
      expect([answer.status, await answer.json()]).toEqual([413, { detail: 'Payload Too Large' }])
    }
  })

  it.each(['text/plain', 'text/plain;charset=UTF-8'])('reads %s as JSON', async (type) => {
    const answer = await post(server, '/threads', '{"metadata":{"a":1}}', { 'content-type': type })
    expect(await answer.json()).toMatchObject({ metadata: { a: 1 } })
  })

  it.each([{}, JSON_TYPE])('takes a POST without a body, with the headers %j', async (headers) => {
    const { thread_id: threadId } = await server.client.threads.create()
    const { run_id: runId } = await server.client.runs.create(threadId, 'echo', { input: {}, afterSeconds: 600 })
    expect((await post(server, `/threads/${threadId}/runs/${runId}/cancel`, null, headers)).status).toBe(202)
    const copy = await post(server, `/threads/${threadId}/copy`, null, headers)
    expect([copy.status, await copy.json()]).toEqual([200, expect.objectContaining({ thread_id: expect.any(String) })])
  })
})

describe('a server with an http.cors of its own', () => {
  const cors = {
    allow_origins: ['https://App.test/'],
    allow_origin_regex: 'https://[a-z]+\\.example\\.test',
    allow_methods: ['get', 'POST'],
    allow_headers: ['X-Api-Key', 'content-type'],
    allow_credentials: true,
    expose_headers: ['x-own', 'Location'],
    max_age: 5,
  }
  const server = TestServer.use({ config: httpProject({ cors }) })

  it.each(['https://app.test', 'https://a.example.test'])('lets %s in', async (origin) => {
    const { headers } = await post(server, '/threads/search', '{}', { ...JSON_TYPE, origin })
    expect(Object.fromEntries(headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      vary: 'Origin',
    })
    const exposed = headers.get('access-control-expose-headers')?.split(', ').sort()
    expect(exposed).toEqual(['x-own', ...ALWAYS_EXPOSED.split(', ')].sort())
    const asked = await preflight(server, origin)
    expect(asked.status).toBe(204)
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'x-api-key, content-type',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '5',
      vary: 'Origin',
    })
  })

  it.each(['https://evil.test', 'http://app.test', 'https://a.example.test.evil.test', 'null'])(
    'tells pages of %s nothing',
    async (origin) => {
      for (const answer of [
        await preflight(server, origin),
        await post(server, '/threads/search', '{}', { ...JSON_TYPE, origin }),
      ]) {
        const told = [...answer.headers].filter(([name]) => name.startsWith('access-control-'))
        expect([told, answer.headers.get('vary')]).toEqual([[], 'Origin'])
      }
    },
  )

  it('answers an OPTIONS that is no preflight as any other request', async () => {
    const { status } = await fetch(`${server.url}/threads`, { method: 'OPTIONS' })
    expect(status).toBe(405)
  })
})

describe('a server with http.logging_headers', () => {
  const headers = { includes: ['x-*', 'authorization'], excludes: ['x-noise'] }
  const environment = {
    LANGGRAPH_WEBHOOKS: '{"headers":{"X-Door":"${{ env.LG_WEBHOOK_DOOR }}","X-Stage":"production"}}',
    LG_WEBHOOK_DOOR: 'hush-door',
  }
  const server = TestServer.use({ config: httpProject({ logging_headers: headers }), environment })

  it('has a line for each request, with the headers that were asked for and no secret', async () => {
    const sent = {
      'x-team': 'blue',
      'x-noise': 'no',
      'x-api-key': 'hush',
      authorization: 'hush',
      'x-request-id': 'r-1',
    }
    await fetch(`${server.url}/threads/none`, { headers: sent })
    const line = () =>
      server.output.find((text) => text.includes('"requestId":"r-1"') && text.includes('"msg":"request"'))
    await expect.poll(line).toBeDefined()
    expect(JSON.parse(line() ?? '')).toMatchObject({
      level: 'info',
      method: 'GET',
      route: '/threads/:thread_id',
      status: 422,
      headers: { 'x-team': 'blue', 'x-request-id': 'r-1' },
    })
    expect(server.output.join()).not.toMatch(/hush|x-noise/)
  })

  it('logs no header that a variable fills, where a webhook comes from the server itself', async () => {
    const run = { assistant_id: 'echo', input: {}, webhook: `${server.url}/assistants/search` }
    await post(server, '/runs/wait', JSON.stringify(run))
    const line = () =>
      server.output.find((text) => text.includes('x-signalbox-attempt') && text.includes('"msg":"request"'))
    await expect.poll(line, { timeout: 10_000 }).toBeDefined()
    expect(JSON.parse(line() ?? '')).toMatchObject({
      route: '/assistants/search',
      headers: { 'x-stage': 'production' },
    })
    expect(server.output.join()).not.toContain('hush-door')
  })
})

describe('a server with http.configurable_headers', () => {
  const headers = { includes: ['Authorization', 'x-api-*', 'accept-language'], excludes: ['X-Hidden-*', 'user-agent'] }
  const server = TestServer.use({ config: httpProject({ configurable_headers: headers }) })
  const SENT = {
    authorization: 'Bearer hush-1',
    'x-api-key': 'hush-2',
    'accept-language': 'de',
    'user-agent': 'spec',
    'x-hidden-note': 'no',
    'x-plain': 'yes',
    'x-session-id': 'hush-3',
  }
  const sent = { ...JSON_TYPE, ...SENT }

  it('shows a graph what it is to see, and no more', async () => {
    const answer = await post(server, '/runs/wait', '{"assistant_id":"mirror","input":{}}', sent)
    const { seen } = (await answer.json()) as { seen: { configurable: Record<string, unknown> } }
    const names = Object.keys(SENT)
    const shown = Object.entries(seen.configurable).filter(([name]) => names.includes(name))
    expect(Object.fromEntries(shown)).toEqual({
      authorization: 'Bearer hush-1',
      'x-api-key': 'hush-2',
      'accept-language': 'de',
      'x-plain': 'yes',
    })
  })

  it('tells a secret one nobody else: no answer, stream, state or webhook', async () => {
    const { thread_id: threadId } = await server.client.threads.create()
    const threads = `/threads/${threadId}`
    const run = {
      assistant_id: 'chat',
      input: { messages: [] },
      stream_mode: ['values', 'updates', 'debug', 'tasks', 'checkpoints', 'events', 'messages', 'messages-tuple'],
      stream_subgraphs: true,
      webhook: server.receiver.url('/hook'),
    }
    const told = [
      await post(server, `${threads}/runs/stream`, JSON.stringify(run), sent),
      await post(server, `${threads}/runs`, JSON.stringify({ ...run, after_seconds: 600 }), sent),
      ...(await Promise.all(
        ['', '/runs', '/state?subgraphs=true', '/history'].map((path) => fetch(`${server.url}${threads}${path}`)),
      )),
    ]
    for (const answer of told) {
      const text = await answer.text()
      expect(answer.status).toBe(200)
      expect(text, answer.url).not.toContain('hush-')
    }
    const [hook] = await server.receiver.waitFor(1)
    expect(hook?.body.toString()).not.toContain('hush-')
  })
})
