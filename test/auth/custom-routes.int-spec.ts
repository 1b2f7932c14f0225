import 'reflect-metadata'
import { once } from 'node:events'
import { type IncomingMessage, request as openRequest } from 'node:http'
import { describe, expect, it } from 'vitest'
import { TestServer } from '../support/test-server.js'
import { ask, AUTH_PROJECT, clientOf } from './callers.js'
import { withCustomRoutes } from './projects.js'
import { makeWorld, readWorld } from './world.js'

const NAMES = { method: 'GET', path: '/names/tea' }
const SEARCH = { method: 'POST', path: '/threads/search', body: {} }

/** What a graph gets to see of a thread of its caller's, by a client without credentials. */
async function seenByGraph(url: string, user: string, wanted: string): Promise<unknown> {
  const values = await clientOf(url, user).runs.wait(null, 'calling', { input: { wanted } })
  return (values as { seen: unknown }).seen
}

/** How many attempts there were at webhooks, or how many of these have come to an end, by the metrics. */
async function counted(url: string, what: 'attempts' | 'deliveries'): Promise<number> {
  const { text } = await ask(url, null, { method: 'GET', path: '/metrics' })
  const lines = text.split('\n').filter((line) => line.startsWith(`signalbox_webhook_${what}_total{`))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

/** Sends webhooks of one user to the built-in routes of what another owns, in several spellings; nothing comes of it. */
async function reachesNothingElse(url: string): Promise<void> {
  const world = await makeWorld(url, 'alice')
  const before = await readWorld(url, world)
  const { threadId, cronId, assistantId } = world
  const paths = [
    `/threads/${threadId}/runs`,
    `/threads/${threadId}/state`,
    `//threads/${threadId}/runs`,
    `/%74hreads/${threadId}/runs`,
    `/names/../threads/${threadId}/runs`,
    `/assistants/${assistantId}/latest`,
    `/runs/crons/${cronId}`,
  ]
  const earlier = await counted(url, 'deliveries')
  const sent: string[] = []
  for (const webhook of paths) {
    const body = { assistant_id: 'echo', input: {}, webhook }
    const { status, text } = await ask(url, 'bob', { method: 'POST', path: '/runs', body })
    expect([webhook, status === 200 || text.includes('"webhook')]).toEqual([webhook, true])
    if (status === 200) sent.push(webhook)
  }
  expect(sent.length).toBeGreaterThan(3)
  const ended = async () => (await counted(url, 'deliveries')) - earlier
  await expect.poll(ended, { timeout: 20_000 }).toBeGreaterThanOrEqual(sent.length)
  expect(await readWorld(url, world)).toEqual(before)
}

describe('custom routes as they are', () => {
  const server = TestServer.use({ config: withCustomRoutes(AUTH_PROJECT, {}) })

  it('ask nobody, and built-in routes behind the app’s middleware do', async () => {
    expect((await ask(server.url, null, NAMES)).status).toBe(200)
    const refused = await ask(server.url, null, SEARCH)
    expect([refused.status, refused.headers.get('x-wrapped')]).toEqual([401, 'yes'])
    expect((await ask(server.url, 'alice', SEARCH)).status).toBe(200)
  })

  it('are open to path webhooks that bring no credentials', async () => {
    await clientOf(server.url, 'alice').runs.wait(null, 'echo', { input: {}, webhook: '/my-hook' })
    const received = async () => (await ask(server.url, null, { method: 'GET', path: '/received' })).text
    await expect.poll(received, { timeout: 10_000 }).toContain('"status":"success"')
  })

  it('are all that a path webhook reaches', () => reachesNothingElse(server.url))

  it('have no rights of their own: a client without credentials is nobody', async () => {
    expect((await ask(server.url, null, { method: 'GET', path: '/own/run' })).status).toBe(500)
    expect((await ask(server.url, 'alice', { method: 'GET', path: '/own/run' })).status).toBe(500)
  })

  it('leave a client in a graph the name of whoever made the run', async () => {
    const { thread_id } = await clientOf(server.url, 'alice').threads.create()
    expect(await seenByGraph(server.url, 'alice', thread_id)).toEqual({ owner: 'alice' })
    expect(await seenByGraph(server.url, 'bob', thread_id)).toContain('HTTP 404')
  })
})

describe('custom routes with enable_custom_route_auth', () => {
  const config = withCustomRoutes(AUTH_PROJECT, { enable_custom_route_auth: true })
  const server = TestServer.use({ config })

  it('ask everybody, but for what is open to all', async () => {
    const refused = await ask(server.url, null, NAMES)
    expect([refused.status, JSON.parse(refused.text)]).toEqual([401, { detail: 'Who are you?' }])
    expect((await ask(server.url, null, { method: 'GET', path: '/nowhere' })).status).toBe(401)
    expect((await ask(server.url, 'alice', NAMES)).status).toBe(200)
    expect((await ask(server.url, null, { method: 'GET', path: '/ok' })).status).toBe(200)
  })

  it('ask whoever calls itself by a host or a method that no fetch request can have', async () => {
    for (const host of ['x?', 'x#', 'user:word@x', 'x/ok?']) {
      expect(await statusOf(NAMES, host)).toBe(401)
      expect(await statusOf(SEARCH, host)).toBe(401)
    }
    expect(await statusOf({ ...NAMES, method: 'TRACE' }, 'localhost')).toBe(404)
  })

  /** What a request comes to that `fetch` does not send. */
  async function statusOf({ method, path }: { method: string; path: string }, host: string): Promise<number> {
    const sent = openRequest(`${server.url}${path}`, { method, headers: { host } }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    answer.resume()
    return answer.statusCode ?? 0
  }

  it('call the server in their caller’s name', async () => {
    const answer = await ask(server.url, 'alice', { method: 'GET', path: '/own/run' })
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { log: ['echo'] }])
  })

  it('keep what belongs to somebody from others, through the app’s middleware too', async () => {
    const { thread_id } = await clientOf(server.url, 'alice').threads.create()
    const read = { method: 'GET', path: `/threads/${thread_id}` }
    expect((await ask(server.url, 'alice', read)).status).toBe(200)
    expect((await ask(server.url, 'bob', read)).status).toBe(404)
    expect((await ask(server.url, null, read)).status).toBe(401)
  })

  it('are closed to path webhooks that bring no credentials', async () => {
    await clientOf(server.url, 'alice').runs.wait(null, 'echo', { input: {}, webhook: '/my-hook' })
    const refused = () => server.output.some((line) => line.includes('webhook') && line.includes('401'))
    const received = async () => (await ask(server.url, 'alice', { method: 'GET', path: '/received' })).text
    await expect
      .poll(async () => refused() || (await counted(server.url, 'attempts')) > 0, { timeout: 10_000 })
      .toBe(true)
    expect(await received()).toBe('[]')
  })
})

describe('custom routes that path webhooks bring credentials to', () => {
  const headers = { Authorization: 'Bearer user-${{ env.LG_WEBHOOK_USER }}' }
  const config = withCustomRoutes(AUTH_PROJECT, { enable_custom_route_auth: true }, { headers })
  const server = TestServer.use({ config, environment: { LG_WEBHOOK_USER: 'hook' } })

  it('are open to these', async () => {
    await clientOf(server.url, 'alice').runs.wait(null, 'echo', { input: {}, webhook: '/my-hook' })
    const received = async () => (await ask(server.url, 'alice', { method: 'GET', path: '/received' })).text
    await expect.poll(received, { timeout: 10_000 }).toContain('"status":"success"')
  })

  it('are all that these reach', () => reachesNothingElse(server.url))
})

describe('auth_first', () => {
  const config = withCustomRoutes(AUTH_PROJECT, { middleware_order: 'auth_first' })
  const server = TestServer.use({ config })

  it('refuses before the app’s middleware runs, and leaves the app’s own routes open', async () => {
    const refused = await ask(server.url, null, SEARCH)
    expect([refused.status, refused.headers.get('x-wrapped')]).toEqual([401, null])
    const admitted = await ask(server.url, 'alice', SEARCH)
    expect([admitted.status, admitted.headers.get('x-wrapped')]).toEqual([200, 'yes'])
    expect((await ask(server.url, null, NAMES)).status).toBe(200)
  })
})
