import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cluster, HAS_CLUSTERS } from '../support/cluster.js'
import type { ServerProcess } from '../support/server-process.js'
import { collect } from '../support/sse-reader.js'
import { ask, AUTH_PROJECT, clientOf, goneRun } from './callers.js'
import { namedRoutes, ownershipMatrix } from './ownership-matrix.js'
import { MARKER } from './world.js'

const routes = await namedRoutes()

// What one process remembers of a run and its owner, another one has to find out.
describe.skipIf(!HAS_CLUSTERS)('a deployment of several processes', () => {
  let cluster: Cluster
  let apis: [ServerProcess, ServerProcess]

  beforeAll(async () => {
    cluster = await Cluster.make({ config: AUTH_PROJECT })
    const first = await cluster.start('api')
    const [second] = await Promise.all([cluster.start('api'), cluster.start('worker')])
    apis = [first, second]
  })
  afterAll(() => cluster.close())

  const clientsOf = (user: string) => [clientOf(apis[0].url, user), clientOf(apis[1].url, user)] as const

  describe('what belongs to somebody', () => ownershipMatrix(routes, () => [apis[0].url, apis[1].url]))

  it('tells the graph on another process who has made its run, and lets it act in that name', async () => {
    const [alice] = clientsOf('alice')
    const { thread_id: wanted } = await alice.threads.create()
    const seen = async (graph: string, input: object) =>
      ((await alice.runs.wait(null, graph, { input: { ...input } })) as { seen: unknown }).seen
    expect(await seen('whoami', {})).toMatchObject({
      langgraph_auth_user: { identity: 'alice', email: 'alice@example.com' },
      langgraph_auth_user_id: 'alice',
      langgraph_auth_permissions: ['everything'],
    })
    expect(await seen('calling', { wanted })).toMatchObject({ owner: 'alice' })
    const [bob] = clientsOf('bob')
    expect(await bob.runs.wait(null, 'calling', { input: { wanted } })).toMatchObject({
      seen: expect.stringMatching(/^HTTP 404/) as string,
    })
  })

  it('fires a cron on another process in the name of whoever has made it', async () => {
    const [alice] = clientsOf('alice')
    const { thread_id } = await alice.threads.create()
    const cron = await alice.crons.createForThread(thread_id, 'whoami', { schedule: '* * * * * *', input: {} })
    const seen = async () => ((await alice.threads.get(thread_id)).values as { seen?: unknown } | null)?.seen
    await expect.poll(seen, { timeout: 20_000 }).toMatchObject({ langgraph_auth_user_id: 'alice' })
    await alice.crons.delete((cron as unknown as { cron_id: string }).cron_id)
  })

  it('shows a stateless run that is gone to its owner everywhere, and to nobody else', async () => {
    const runId = await goneRun(apis[0].url, 'alice', { log: [MARKER] })
    for (const { url } of apis) {
      const path = `/runs/${runId}/stream`
      const statuses = ['alice', 'bob', null].map(
        async (user) => (await ask(url, user, { method: 'GET', path })).status,
      )
      expect(await Promise.all(statuses)).toEqual([200, 404, 401])
    }
  })

  it('streams a run under way, and its thread, to its owner elsewhere and to nobody else', async () => {
    const [, alice] = clientsOf('alice')
    const { thread_id } = await alice.threads.create()
    const { run_id } = await alice.runs.create(thread_id, 'echo', { input: { log: [MARKER] }, afterSeconds: 2 })
    for (const path of [`/threads/${thread_id}/runs/${run_id}/stream`, `/threads/${thread_id}/stream`]) {
      for (const { url } of apis) {
        expect((await ask(url, 'bob', { method: 'GET', path })).status).toBe(404)
        expect((await ask(url, 'alice', { method: 'GET', path })).status).toBe(200)
      }
    }
    const parts = await collect(alice.runs.joinStream(thread_id, run_id))
    expect(JSON.stringify(parts)).toContain(MARKER)
  })
})
