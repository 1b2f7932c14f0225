import 'reflect-metadata'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { CuttingProxy } from '../support/cutting-proxy.js'
import { httpProject } from '../support/http-project.js'
import { collect } from '../support/sse-reader.js'
import { TestServer } from '../support/test-server.js'

const PREFIX = '/lg/v1'
const proxies: CuttingProxy[] = []

afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close()
})

/** A way to the server on which the first event streams break after some bytes. */
async function broken(server: TestServer, cuts: number): Promise<CuttingProxy> {
  const proxy = await CuttingProxy.start(server.url, () => (cuts-- > 0 ? 700 : null))
  proxies.push(proxy)
  return proxy
}

describe.each([
  ['alone', {}],
  ['together with http.app', { app: 'custom-app/app.ts:app' }],
])('a server below a mount prefix, %s', (_name, http) => {
  const server = TestServer.use({ config: httpProject({ mount_prefix: PREFIX, ...http }) })

  it('answers there and nowhere else', async () => {
    const status = async (path: string) => (await fetch(`${server.url}${path}`)).status
    for (const path of ['/ok', '/info', '/metrics', '/docs', '/openapi.json', '/health/ready']) {
      expect([path, await status(`${PREFIX}${path}`), await status(path)]).toEqual([path, 200, 404])
    }
    expect(await status('/lg/v1x/ok')).toBe(404)
  })

  it('documents itself with the prefix as the place of the API', async () => {
    const document = await server.request('GET', `${PREFIX}/openapi.json`)
    expect(document.body).toMatchObject({
      servers: [{ url: PREFIX }],
      paths: { '/ok': {}, '/threads/{thread_id}': {} },
    })
    const page = await fetch(`${server.url}${PREFIX}/docs`)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    // Relative, so that it is found below the prefix.
    expect(await page.text()).toContain("fetch('openapi.json')")
  })

  it('tells of its runs by paths that the client puts behind its base URL', async () => {
    const { body: thread } = await server.request('POST', `${PREFIX}/threads`, {})
    const { thread_id: threadId } = thread as { thread_id: string }
    const run = { assistant_id: 'echo', input: {} }
    const paths: string[] = []
    for (const way of ['', '/wait', '/stream']) {
      const { headers } = await server.request('POST', `${PREFIX}/threads/${threadId}/runs${way}`, run)
      paths.push(headers.get('content-location') ?? '', headers.get('location') ?? '')
    }
    const [created, , waited, , streamed, location] = paths
    for (const path of [created, waited, streamed]) {
      expect(path).toMatch(new RegExp(`^/threads/${threadId}/runs/[0-9a-f-]{36}$`))
      expect((await server.request('GET', `${PREFIX}${path}`)).status).toBe(200)
    }
    expect(location?.split('?')[0]).toBe(`${streamed}/stream`)
  })

  it('serves the official client, whose broken streams go on', async () => {
    const proxy = await broken(server, 2)
    const client = new Client({ apiUrl: `${proxy.url}${PREFIX}` })
    const { thread_id: threadId } = await client.threads.create()
    const options = { input: { count: 20, everyMs: 10 }, streamMode: 'custom' as const }
    const parts = await collect(client.runs.stream(threadId, 'ticks', options))
    expect(parts.map(({ id }) => id)).toEqual(Array.from({ length: 21 }, (_, id) => String(id)))
    expect(proxy.cuts).toBe(2)
    const [run] = await client.runs.list(threadId)
    const rejoining = await broken(server, 1)
    const again = new Client({ apiUrl: `${rejoining.url}${PREFIX}` })
    const joined = await collect(again.runs.joinStream(threadId, run?.run_id ?? '', { lastEventId: '-1' }))
    expect([joined, rejoining.cuts]).toEqual([parts, 1])
    expect((await client.threads.get(threadId)).status).toBe('idle')
  })
})

describe('http.app below a mount prefix', () => {
  const server = TestServer.use({ config: httpProject({ mount_prefix: PREFIX, app: 'custom-app/app.ts:app' }) })

  it('has its own routes below it, which see their paths without it', async () => {
    expect(await server.request('GET', `${PREFIX}/names/ann`)).toMatchObject({
      status: 200,
      body: { name: 'ann', path: '/names/ann' },
    })
    expect((await server.request('GET', '/names/ann')).status).toBe(404)
  })

  it('wraps built-in routes, also for clients that were given no URL', async () => {
    const info = await server.request('GET', `${PREFIX}/info`)
    expect([info.status, info.headers.get('x-wrapped')]).toEqual([200, 'yes'])
    expect((await server.request('GET', `${PREFIX}/own/run`)).body).toEqual({ log: ['echo'] })
  })
})
