import 'reflect-metadata'
import { connect } from 'node:net'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PACKAGE_VERSION } from '#kernel'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { httpProject } from '../support/http-project.js'
import { ServerProcess } from '../support/server-process.js'

let database: TestDatabaseSettings
let server: ServerProcess

async function begin(http: Record<string, unknown>, environment: Record<string, string> = {}): Promise<void> {
  database = await freshDatabase()
  server = await ServerProcess.start({ config: httpProject(http), database: database.settings, environment })
}

async function end(): Promise<void> {
  await server.stop()
  await database.remove()
}

const get = (path: string, init: RequestInit = {}) => fetch(`${server.url}${path}`, init)

async function answerOf(path: string, init: RequestInit = {}): Promise<[number, unknown]> {
  const answer = await get(path, init)
  return [answer.status, await answer.json()]
}

/** Sends text as it is and gives the whole answer. */
function exchange(text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text))
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(answer))
  })
}

describe('a server as it comes', () => {
  beforeAll(() => begin({}))
  afterAll(end)

  it('answers a wrong method with 405 and what is allowed', async () => {
    const wrong = await get('/store/namespaces')
    expect([wrong.status, wrong.headers.get('allow'), await wrong.json()]).toEqual([
      405,
      'POST',
      { detail: 'Method Not Allowed' },
    ])
    expect((await get('/nowhere', { method: 'PUT' })).status).toBe(404)
  })

  it.each([
    ['too many headers', `GET /ok HTTP/1.1\r\nhost: a\r\n${'x: y\r\n'.repeat(250)}\r\n`, 431],
    ['no host', 'GET /ok HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['an expectation', 'GET /ok HTTP/1.1\r\nhost: a\r\nexpect: wonders\r\n\r\n', 417],
    ['not HTTP', 'GARBAGE\r\n\r\n', 400],
  ])('answers a request with %s in its own words, with an id', async (_name, text, status) => {
    const answer = await exchange(text.replace('host: a\r\n', 'host: a\r\nconnection: close\r\n'))
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toMatch(/\r\nx-request-id: \S+/i)
    expect(answer).toMatch(/\{"detail":"[^"]+"\}$/)
  })

  it('says at its address what it is, and still knows no other paths', async () => {
    expect(await answerOf('/')).toEqual([
      200,
      { name: 'signalbox', version: PACKAGE_VERSION, ok: true, docs: '/docs', openapi: '/openapi.json' },
    ])
    expect((await get('/', { method: 'POST' })).status).toBe(405)
  })

  it('shows figures as Prometheus text, by route template and never by path', async () => {
    const client = new Client({ apiUrl: server.url })
    const { thread_id: threadId } = await client.threads.create()
    await client.runs.wait(threadId, 'echo', { input: {} })
    await client.threads.get(threadId)
    await get('/no/such/route')
    const answer = await get('/metrics?format=unheard-of')
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = await answer.text()
    for (const series of [
      'lg_api_num_pending_runs 0',
      'lg_api_num_running_runs 0',
      'lg_api_pending_runs_wait_time_max 0',
      'lg_api_pending_runs_wait_time_med 0',
      'lg_api_pending_unblocked_runs_wait_time_max 0',
      'lg_api_workers_max 10',
      'lg_api_workers_available 10',
      'signalbox_webhooks_queued 0',
      'signalbox_webhooks_dead 0',
      'signalbox_open_streams 0',
      'http_requests_total{method="GET",route="/threads/:thread_id",status="200"} 1',
      'http_requests_total{method="POST",route="/threads/:thread_id/runs/wait",status="200"} 1',
      'http_requests_total{method="GET",route="unknown",status="404"} 1',
    ]) {
      expect(text).toContain(`\n${series}\n`)
    }
    expect(text).not.toContain(threadId)
    expect(text).toContain('http_request_duration_seconds_bucket{')
  })

  it('shows the queue, and as JSON', async () => {
    const client = new Client({ apiUrl: server.url })
    const { thread_id: threadId } = await client.threads.create()
    await client.runs.create(threadId, 'echo', { input: {}, afterSeconds: 600 })
    expect(await answerOf('/metrics?format=json')).toEqual([
      200,
      expect.objectContaining({
        queue: expect.objectContaining({ n_pending: 1, n_running: 0, pending_runs_wait_time_max_secs: 0 }),
        workers: { max: 10, active: 0, available: 10 },
        webhooks: { queued: 0, retrying: 0, delivering: 0, dead: 0, open_breakers: 0, oldest_due_age_seconds: 0 },
      }),
    ])
  })
})

describe('a server without some resources', () => {
  beforeAll(() =>
    begin(
      { disable_runs: true, disable_store: true, disable_meta: true, mount_prefix: '/api' },
      { SIGNALBOX_ADMIN_KEY: 'k' },
    ),
  )
  afterAll(end)

  it.each([
    '/runs/wait',
    '/threads/x/runs',
    '/thread/x/runs/wait',
    '/store/items',
    '/info',
    '/metrics',
    '/docs',
    '/openapi.json',
  ])('has no %s', async (path) => {
    expect(await answerOf(`/api${path}`)).toEqual([404, { detail: 'Not Found' }])
  })

  it('has none of them under another spelling of the path', async () => {
    for (const target of ['http://other.test/api/info', '/%61pi/info', '/api/ok/../info', '/api/%2e%2e/api/info']) {
      const answer = await exchange(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
      expect(answer, target).toMatch(/^HTTP\/1.1 404 /)
    }
  })

  it('keeps what is not switched off, below the prefix alone', async () => {
    const nowhere = { name: 'signalbox', version: PACKAGE_VERSION, ok: true, docs: null, openapi: null }
    expect(await answerOf('/api')).toEqual([200, nowhere])
    expect((await get('/')).status).toBe(404)
    expect(await answerOf('/api/ok')).toEqual([200, { ok: true }])
    expect((await get('/api/threads/count', { method: 'POST', body: '{}' })).status).toBe(200)
    expect((await get('/ok')).status).toBe(404)
  })
})

describe('a server with an admin key', () => {
  beforeAll(() => begin({ disable_assistants: true, disable_threads: true }, { SIGNALBOX_ADMIN_KEY: 'k' }))
  afterAll(end)

  it('shows its figures to administrators alone', async () => {
    expect(await answerOf('/metrics')).toEqual([
      401,
      { detail: expect.stringContaining('Missing or wrong admin key; send it') as string },
    ])
    expect((await get('/metrics', { headers: { 'x-admin-key': 'k' } })).status).toBe(200)
  })

  it('has no assistants and threads, and still runs', async () => {
    for (const path of ['/assistants/search', '/threads', '/threads/x/state']) {
      expect(await answerOf(path, { method: 'POST', body: '{}' })).toEqual([404, { detail: 'Not Found' }])
    }
    const run = await get('/runs/wait', { method: 'POST', body: '{"assistant_id":"echo","input":{}}' })
    expect(await run.json()).toEqual({ log: ['echo'] })
  })
})
