import 'reflect-metadata'
import { type IncomingMessage, request } from 'node:http'
import { resolve } from 'node:path'
import { json } from 'node:stream/consumers'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { ServerProcess } from '../support/server-process.js'

const CONFIG = resolve(import.meta.dirname, '../fixtures/custom-app/langgraph.json')

let database: TestDatabaseSettings
let server: ServerProcess
let client: Client

beforeAll(async () => {
  database = await freshDatabase()
  server = await ServerProcess.start({ config: CONFIG, database: database.settings })
  client = new Client({ apiUrl: server.url })
})
afterAll(async () => {
  await server.stop()
  await database.remove()
})

const get = (path: string, init: RequestInit = {}) => fetch(`${server.url}${path}`, init)

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return get(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

it('answers custom routes first, with the id of the request and CORS headers', async () => {
  const answer = await get('/names/ann', { headers: { 'x-request-id': 'trace-1', origin: 'https://app.test' } })
  expect([answer.status, await answer.json()]).toEqual([200, { name: 'ann', path: '/names/ann' }])
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'x-request-id': 'trace-1',
    'access-control-allow-origin': '*',
    'x-wrapped': 'yes',
  })
})

it('wraps a built-in route also under another spelling of its address', async () => {
  const { port } = new URL(server.url)
  const answer = await new Promise<IncomingMessage>((answered, failed) => {
    request({ port, host: '127.0.0.1', path: 'http://other.test/info?interrupt' }, answered).on('error', failed).end()
  })
  expect(await json(answer)).toEqual({ interrupted: true })
})

it("keeps a custom route's own 404 and every cookie", async () => {
  const missing = await get('/own/missing/thing')
  expect([missing.status, await missing.json()]).toEqual([404, { error: 'no such thing' }])
  expect((await get('/own/cookies')).headers.getSetCookie()).toEqual(['a=1', 'b=2'])
})

it('hands on the body of a DELETE', async () => {
  await client.store.putItem(['notes'], 'one', { text: 'a' })
  await client.store.deleteItem(['notes'], 'one')
  expect(await client.store.getItem(['notes'], 'one')).toBeNull()
})

it('wraps built-in routes: adds headers to their answers, short-circuits them, and swallows none', async () => {
  const info = await get('/info')
  expect(await info.json()).toMatchObject({ context: 'js' })
  expect([info.headers.get('x-wrapped'), info.headers.get('x-early')]).toEqual(['yes', 'set before'])
  expect(await (await get('/info?interrupt')).json()).toEqual({ interrupted: true })
  const unknown = await get('/unknown')
  expect([unknown.status, await unknown.json()]).toEqual([404, { detail: 'Not Found' }])
  expect(unknown.headers.get('x-wrapped')).toBe('yes')
  const wrongMethod = await get('/info', { method: 'DELETE' })
  expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  expect((await get('/ok', { method: 'HEAD' })).status).toBe(200)
})

it.each(['raw', 'json', 'cache'])('lets middleware rewrite the body of a run (%s)', async (way) => {
  const answer = await post(
    '/runs/wait',
    { assistant_id: 'headers', input: {} },
    { 'x-own-tenant': 'T7', 'x-way': way },
  )
  expect(await answer.json()).toMatchObject({ seen: 'T7' })
})

it('passes a body on that middleware only looked at, and one that nobody read', async () => {
  const made = await post('/threads', { metadata: { a: 'ä' } })
  expect(await made.json()).toMatchObject({ metadata: { a: 'ä' } })
  expect((await post('/threads/search', { metadata: { a: 'ä' } })).status).toBe(200)
  const tooLarge = await post('/threads/search', { metadata: { a: 'x'.repeat(11 * 1024 * 1024) } })
  expect([tooLarge.status, await tooLarge.json()]).toEqual([413, { detail: 'Payload Too Large' }])
})

it('streams the events of a run through the app', async () => {
  const { thread_id: threadId } = await client.threads.create()
  const events: string[] = []
  for await (const { event } of client.runs.stream(threadId, 'steps', { input: {}, streamMode: 'updates' })) {
    events.push(event)
  }
  expect(events).toEqual(['metadata', 'updates', 'updates'])
})

it('tells a built-in route through the app that its client has left', async () => {
  const { thread_id: threadId } = await client.threads.create()
  const leaving = new AbortController()
  const wait = get(`/threads/${threadId}/runs/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      assistant_id: 'steps',
      input: { gate: `${server.url}/own/never` },
      on_disconnect: 'cancel',
      after_seconds: 60,
    }),
    signal: leaving.signal,
  })
  expect((await wait).status).toBe(200)
  leaving.abort()
  await expect.poll(async () => (await client.runs.list(threadId))[0]?.status, { timeout: 10_000 }).toBe('interrupted')
})

it('streams both ways on custom routes', async () => {
  expect(await (await get('/own/events')).text()).toBe('data: 0\n\ndata: 1\n\ndata: 2\n\n')
  const large = 'x'.repeat(3_000_000)
  const echoed = await get('/own/echo', { method: 'POST', body: large })
  expect((await echoed.text()).length).toBe(large.length)
})

it('answers 500 without a stack when the app fails, and goes on', async () => {
  const broken = await get('/own/broken')
  expect([broken.status, await broken.json()]).toEqual([500, { detail: 'Internal Server Error' }])
  expect((await get('/ok')).status).toBe(200)
  expect(server.output.some((line) => line.includes('the app of http.app failed'))).toBe(true)
})

it('serves clients without a URL, in custom routes and in nodes', async () => {
  expect(await (await get('/own/run')).json()).toEqual({ log: ['echo'] })
  expect(await client.runs.wait(null, 'caller', { input: {} })).toMatchObject({ seen: { log: ['echo'] } })
})

it('delivers path webhooks to custom routes, and never to a built-in one', async () => {
  const run = (webhook: string) => client.runs.wait(null, 'echo', { input: {}, webhook, metadata: { webhook } })
  await run('/my-hook')
  const received = async () => (await get('/received')).json() as Promise<{ headers: object; body: object }[]>
  await expect.poll(received, { timeout: 10_000 }).toHaveLength(1)
  const [hook] = await received()
  expect(hook?.body).toMatchObject({ status: 'success', metadata: { webhook: '/my-hook' } })
  expect(hook?.headers).toMatchObject({ 'webhook-id': expect.any(String), 'content-type': 'application/json' })
})
