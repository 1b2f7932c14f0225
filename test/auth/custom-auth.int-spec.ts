import 'reflect-metadata'
import type { Client } from '@langchain/langgraph-sdk'
import { beforeAll, describe, expect, it } from 'vitest'
import { TestServer } from '../support/test-server.js'
import { ask, AUTH_PROJECT, clientOf, credentialsOf, goneRun } from './callers.js'
import { makeWorld, MARKER, readWorld } from './world.js'

const server = TestServer.use({ config: AUTH_PROJECT })

let alice: Client
let bob: Client

beforeAll(() => {
  alice = clientOf(server.url, 'alice')
  bob = clientOf(server.url, 'bob')
})

/** What the types of the client do not say of a cron. */
interface WithCronId {
  readonly cron_id: string
}

/** What the graph `whoami` has seen. */
async function seenBy(client: Client, threadId: string | null, options: object = {}): Promise<Record<string, unknown>> {
  const values = (await client.runs.wait(threadId as string, 'whoami', { input: {}, ...options })) as {
    seen: Record<string, unknown>
  }
  return values.seen
}

describe('the caller of a run', () => {
  const ALICE = {
    langgraph_auth_user: {
      identity: 'alice',
      display_name: 'alice',
      is_authenticated: true,
      permissions: ['everything'],
      email: 'alice@example.com',
      token: 'token-of-alice',
    },
    langgraph_auth_user_id: 'alice',
    langgraph_auth_permissions: ['everything'],
    user_id: 'alice',
  }

  it('is known to the graph, on a thread and without one', async () => {
    const { thread_id } = await alice.threads.create()
    expect(await seenBy(alice, thread_id)).toEqual(ALICE)
    expect(await seenBy(alice, null)).toEqual(ALICE)
  })

  it('cannot be forged, but for user_id, which any request may name', async () => {
    const configurable = { langgraph_auth_user_id: 'alice', langgraph_auth_user: { identity: 'alice' }, user_id: 'x' }
    const seen = await seenBy(bob, null, { config: { configurable } })
    expect(seen).toMatchObject({
      langgraph_auth_user_id: 'bob',
      langgraph_auth_user: { identity: 'bob' },
      user_id: 'x',
    })
  })

  it('is shown neither in answers nor in checkpoints nor in webhooks', async () => {
    const { thread_id } = await alice.threads.create()
    await alice.runs.wait(thread_id, 'echo', { input: {}, webhook: server.receiver.url('/end') })
    const shown = [
      await alice.runs.list(thread_id),
      await alice.threads.get(thread_id),
      await alice.threads.getHistory(thread_id),
      String((await server.receiver.next()).body),
    ]
    expect(JSON.stringify(shown)).not.toMatch(/token-of-alice|langgraph_auth/)
    expect(server.output.join('\n')).not.toContain('token-of-alice')
  })

  it('is whoever has made the cron, for each of its runs', async () => {
    const { thread_id } = await alice.threads.create()
    const cron = await alice.crons.createForThread(thread_id, 'whoami', { schedule: '* * * * * *', input: {} })
    expect(cron).toMatchObject({ user_id: 'alice', metadata: { owner: 'alice' } })
    expect(JSON.stringify(cron)).not.toMatch(/token-of-alice|langgraph_auth/)
    const { cron_id } = cron as unknown as WithCronId
    const seen = async () => ((await alice.threads.get(thread_id)).values as { seen?: unknown } | null)?.seen
    await expect.poll(seen, { timeout: 20_000 }).toEqual(ALICE)
    await alice.crons.delete(cron_id)
    const [run] = await alice.runs.list(thread_id)
    expect(run?.metadata).toMatchObject({ owner: 'alice' })
  })

  it('owns the thread that a cron makes for a run', async () => {
    const options = { schedule: '* * * * * *', input: {}, onRunCompleted: 'keep', metadata: { of: 'a cron' } } as const
    const { cron_id } = (await alice.crons.create('echo', options)) as unknown as WithCronId
    const found = async (client: Client) => (await client.threads.search({ metadata: { of: 'a cron' } })).length
    await expect.poll(() => found(alice), { timeout: 20_000 }).toBeGreaterThan(0)
    await alice.crons.delete(cron_id)
    expect(await found(bob)).toBe(0)
  })

  it('owns the runs of a cron also after somebody gave it another owner', async () => {
    const options = { schedule: '* * * * * *', input: {}, onRunCompleted: 'keep', enabled: false } as const
    const { cron_id } = (await alice.crons.create('echo', options)) as unknown as WithCronId
    const changes = { enabled: true, metadata: { owner: 'bob', of: 'a changed cron' } }
    const changed = await alice.crons.update(cron_id, changes)
    const found = async (client: Client) => client.threads.search({ metadata: { of: 'a changed cron' } })
    await expect.poll(async () => (await found(alice)).length, { timeout: 20_000 }).toBeGreaterThan(0)
    await alice.crons.delete(cron_id)
    expect(await found(bob)).toEqual([])
    expect((changed as unknown as { payload: { metadata: unknown } }).payload.metadata).toEqual({
      owner: 'alice',
      of: 'a changed cron',
    })
  })

  it('promises no runs by a change of a cron that they may not make', async () => {
    const { thread_id } = await alice.threads.create()
    const schedule = '0 0 1 1 *'
    const stopping = { schedule, interruptBefore: '*' } as const
    await expect(alice.crons.createForThread(thread_id, 'echo', stopping)).rejects.toThrow('403')
    const { cron_id } = (await alice.crons.createForThread(thread_id, 'echo', { schedule })) as unknown as WithCronId
    const path = `/runs/crons/${cron_id}`
    const patch = (body: object) => ask(server.url, 'alice', { method: 'PATCH', path, body })
    expect((await patch({ interrupt_before: '*' })).status).toBe(403)
    expect((await patch({ interrupt_before: ['say'], input: { log: [] } })).status).toBe(200)
    await alice.crons.delete(cron_id)
  })

  it('is in whose name a client without credentials calls from inside of the graph', async () => {
    const { thread_id: wanted } = await alice.threads.create({ metadata: { marker: MARKER } })
    const call = async (client: Client) => {
      const values = await client.runs.wait(null, 'calling', { input: { wanted } })
      return (values as { seen: unknown }).seen
    }
    expect(await call(alice)).toMatchObject({ marker: MARKER, owner: 'alice' })
    expect(await call(bob)).toMatch(/^HTTP 404/)
  })

  it('is no longer when the client inside of the graph brings credentials of its own', async () => {
    const { thread_id: wanted } = await alice.threads.create({ metadata: { marker: MARKER } })
    const call = async (client: Client, by: Record<string, string>) => {
      const values = await client.runs.wait(null, 'calling', { input: { wanted, by } })
      return (values as { seen: unknown }).seen
    }
    expect(await call(bob, credentialsOf('alice'))).toMatchObject({ marker: MARKER, owner: 'alice' })
    expect(await call(alice, credentialsOf('bob'))).toMatch(/^HTTP 404/)
    for (const header of ['authorization', 'x-api-key', 'cookie']) {
      expect(await call(alice, { [header]: 'of nobody' })).toMatch(/^HTTP 401/)
    }
  })
})

describe('one user', () => {
  it('finds nothing of another in any list', async () => {
    const world = await makeWorld(server.url, 'alice')
    const lists = [
      await bob.threads.search({ limit: 1_000 }),
      await bob.threads.search({ ids: [world.threadId] }),
      await bob.assistants.search({ limit: 1_000 }),
      await bob.crons.search({ limit: 1_000 }),
    ]
    expect(JSON.stringify(lists)).not.toContain(MARKER)
    expect((await alice.threads.search({ ids: [world.threadId] })).map(({ thread_id }) => thread_id)).toEqual([
      world.threadId,
    ])
  })

  it('reaches no other thread by its configuration or by a checkpoint', async () => {
    const world = await makeWorld(server.url, 'alice')
    const before = await readWorld(server.url, world)
    const { thread_id } = await bob.threads.create()
    const { threadId, checkpointId } = world
    const foreign = { thread_id: threadId, checkpoint_id: checkpointId, checkpoint_ns: '' }
    const attempts = [
      { config: { configurable: { thread_id: threadId } } },
      { config: { configurable: foreign } },
      { checkpoint: foreign },
      { checkpoint_id: checkpointId },
    ]
    for (const attempt of attempts) {
      for (const path of [`/threads/${thread_id}/runs/wait`, '/runs/wait']) {
        const body = { assistant_id: 'echo', input: { log: [] }, ...attempt }
        const answer = await ask(server.url, 'bob', { method: 'POST', path, body })
        expect(answer.text).not.toContain(MARKER)
      }
    }
    const state = { method: 'POST', path: `/threads/${thread_id}/state/checkpoint`, body: { checkpoint: foreign } }
    expect((await ask(server.url, 'bob', state)).text).not.toContain(MARKER)
    const update = { values: { log: [] }, as_node: 'say', checkpoint: foreign }
    await ask(server.url, 'bob', { method: 'POST', path: `/threads/${thread_id}/state`, body: update })
    const query = `checkpoint_id=${checkpointId}&thread_id=${threadId}`
    const read = await ask(server.url, 'bob', { method: 'GET', path: `/threads/${thread_id}/state?${query}` })
    expect(read.text).not.toContain(MARKER)
    expect(await readWorld(server.url, world)).toEqual(before)
  })

  it('cancels no runs of another by asking for all', async () => {
    const world = await makeWorld(server.url, 'alice')
    const cancel = { method: 'POST', path: '/runs/cancel', body: { status: 'all' } }
    expect((await ask(server.url, 'bob', cancel)).status).toBe(404)
    expect((await alice.runs.get(world.queuedThreadId, world.queuedRunId)).status).toBe('pending')
    const { thread_id } = await bob.threads.create()
    const own = await bob.runs.create(thread_id, 'echo', { input: {}, afterSeconds: 3_600 })
    expect((await ask(server.url, 'bob', cancel)).status).toBe(204)
    expect((await bob.runs.get(thread_id, own.run_id)).status).toBe('interrupted')
    expect((await alice.runs.get(world.queuedThreadId, world.queuedRunId)).status).toBe('pending')
  })

  it('changes nothing of another’s cron, whatever of it they name', async () => {
    const world = await makeWorld(server.url, 'alice')
    const before = await readWorld(server.url, world)
    const changes = [
      { enabled: false },
      { schedule: '* * * * *' },
      { timezone: 'Europe/Berlin' },
      { end_time: '2100-01-01' },
      { input: { log: [] } },
    ]
    for (const body of changes) {
      const request = { method: 'PATCH', path: `/runs/crons/${world.cronId}`, body }
      expect((await ask(server.url, 'bob', request)).status).toBe(404)
    }
    expect(await readWorld(server.url, world)).toEqual(before)
  })

  it('prunes nothing when one of the threads is not theirs or not there, which cannot be told apart', async () => {
    const { thread_id: foreign } = await alice.threads.create()
    const { thread_id: own } = await bob.threads.create()
    for (const other of [foreign, crypto.randomUUID()]) {
      const request = { method: 'POST', path: '/threads/prune', body: { thread_ids: [own, other] } }
      const { status, text } = await ask(server.url, 'bob', request)
      expect([status, JSON.parse(text)]).toEqual([404, { detail: 'At least one thread not found or not authorized' }])
    }
    expect((await bob.threads.get(own)).thread_id).toBe(own)
  })

  it('takes no threads of others along with an assistant', async () => {
    const { assistant_id } = await alice.assistants.create({ graphId: 'echo' })
    const { thread_id: foreign } = await bob.threads.create({ metadata: { assistant_id } })
    const { thread_id: own } = await alice.threads.create({ metadata: { assistant_id } })
    await alice.assistants.delete(assistant_id, { deleteThreads: true })
    expect((await bob.threads.get(foreign)).thread_id).toBe(foreign)
    await expect(alice.threads.get(own)).rejects.toThrow('404')
  })

  it('joins no stateless run of another, neither while it waits nor once it is gone', async () => {
    const waiting = await alice.runs.create(null, 'echo', { input: { log: [MARKER] }, afterSeconds: 3_600 })
    const runId = await goneRun(server.url, 'alice', { log: [MARKER] })
    for (const id of [waiting.run_id, runId]) {
      const request = { method: 'GET', path: `/runs/${id}/stream` }
      expect((await ask(server.url, 'bob', request)).status).toBe(404)
      expect((await ask(server.url, 'alice', request)).status).toBe(200)
    }
  })

  it('joins no stateless run of another by what is shared of its assistant', async () => {
    const shared = { graphId: 'echo', metadata: { shared_with: ['bob'] } } as const
    const { assistant_id } = await alice.assistants.create(shared)
    expect((await bob.assistants.get(assistant_id)).assistant_id).toBe(assistant_id)
    const { run_id } = await alice.runs.create(null, assistant_id, { input: { log: [MARKER] }, afterSeconds: 1 })
    const request = { method: 'GET', path: `/runs/${run_id}/stream` }
    expect((await ask(server.url, 'bob', request)).status).toBe(404)
    for await (const part of alice.runs.joinStream(null, run_id)) void part
    expect((await ask(server.url, 'bob', request)).status).toBe(404)
    expect((await ask(server.url, 'alice', request)).status).toBe(200)
  })

  it('cancels no run that they may only read, by leaving it either', async () => {
    const { thread_id } = await alice.threads.create({ metadata: { shared_with: ['bob'] } })
    const { run_id } = await alice.runs.create(thread_id, 'echo', { input: {}, afterSeconds: 3_600 })
    const run = `/threads/${thread_id}/runs/${run_id}`
    const get = (user: string, path: string) => ask(server.url, user, { method: 'GET', path })
    expect((await get('bob', `${run}/stream`)).status).toBe(200)
    for (const path of [`${run}/stream`, `${run}/join`, `/runs/${run_id}/stream`]) {
      expect((await get('bob', `${path}?cancel_on_disconnect=1`)).status).toBe(404)
    }
    expect((await alice.runs.get(thread_id, run_id)).status).toBe('pending')
    expect((await get('alice', `${run}/stream?cancel_on_disconnect=1`)).status).toBe(200)
    await expect.poll(async () => (await alice.runs.get(thread_id, run_id)).status).toBe('interrupted')
  })

  it('runs a graph of the project, whose own assistant is nobody’s', async () => {
    expect(await bob.assistants.search()).toEqual([])
    expect(await bob.runs.wait(null, 'echo', { input: {} })).toEqual({ log: ['echo'] })
  })

  it('owns copies, and what a handler puts into metadata is what is stored', async () => {
    const { thread_id } = await alice.threads.create({ metadata: { owner: 'bob', topic: 'tea' } })
    expect((await alice.threads.update(thread_id, { metadata: { owner: 'bob' } })).metadata).toEqual({
      owner: 'alice',
      topic: 'tea',
    })
    const copy = await alice.threads.copy(thread_id)
    expect((copy as unknown as { metadata: unknown }).metadata).toEqual({ owner: 'alice', topic: 'tea' })
  })
})

describe('Studio', () => {
  it('is asked like everybody else in production', async () => {
    const request = { method: 'POST', path: '/threads/search', body: {}, headers: { 'x-auth-scheme': 'langsmith' } }
    expect((await ask(server.url, null, request)).status).toBe(401)
  })
})
