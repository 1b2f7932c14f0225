import 'reflect-metadata'
import { once } from 'node:events'
import { type IncomingMessage, request as openRequest } from 'node:http'
import { describe, expect, it } from 'vitest'
import { TestServer } from '../support/test-server.js'
import { ask, AUTH_PROJECT, clientOf } from './callers.js'
import { withCustomRoutes } from './projects.js'

const NAMES = { method: 'GET', path: '/names/tea' }
const SEARCH = { method: 'POST', path: '/threads/search', body: {} }

/** What a graph gets to see of a thread of its caller's, by a client without credentials. */
async function seenByGraph(url: string, user: string, wanted: string): Promise<unknown> {
  const values = await clientOf(url, user).runs.wait(null, 'calling', { input: { wanted } })
  return (values as { seen: unknown }).seen
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
    await expect.poll(async () => refused() || (await attempts(server.url)) > 0, { timeout: 10_000 }).toBe(true)
    expect(await received()).toBe('[]')
  })

  /** How many attempts were answered with a 401, by the metrics. */
  async function attempts(url: string): Promise<number> {
    const { text } = await ask(url, null, { method: 'GET', path: '/metrics' })
    const lines = text.split('\n').filter((line) => line.startsWith('signalbox_webhook_attempts_total{'))
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }
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
