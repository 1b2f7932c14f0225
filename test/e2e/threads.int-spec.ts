import 'reflect-metadata'
import { resolve } from 'node:path'
import { Client, type ThreadState } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { Gate } from '../support/gate.js'
import { ServerProcess } from '../support/server-process.js'

const CONFIG = resolve(import.meta.dirname, '../fixtures/threads/langgraph.json')

let fresh: TestDatabaseSettings
let server: ServerProcess
let client: Client

beforeAll(async () => {
  fresh = await freshDatabase()
  server = await ServerProcess.start({ config: CONFIG, database: fresh.settings })
  client = new Client({ apiUrl: server.url, callerOptions: { maxConcurrency: 100 } })
})
afterAll(async () => {
  await server.stop()
  await fresh.remove()
})

/** What a client that is not the JS one sends. */
async function raw(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const init = body === undefined ? {} : { body: JSON.stringify(body) }
  const json = body === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await fetch(`${server.url}${path}`, { method, headers: { ...json, ...headers }, ...init })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text === '' ? null : (JSON.parse(text) as unknown) }
}

/** A thread on which `steps` has run to its end. */
async function ran(assistantId = 'steps', input: Record<string, unknown> = {}): Promise<string> {
  const { thread_id } = await client.threads.create()
  await client.runs.wait(thread_id, assistantId, { input })
  return thread_id
}

describe('threads by the official client', () => {
  it('are made with an id, metadata, a graph and a lifetime, once', async () => {
    const threadId = crypto.randomUUID()
    const options = { threadId, metadata: { owner: 'ann' }, graphId: 'steps', ttl: 60 }
    const thread = await client.threads.create(options)
    expect(thread).toMatchObject({ thread_id: threadId, status: 'idle', values: null })
    expect(thread.metadata).toEqual({ owner: 'ann', graph_id: 'steps' })
    await expect(client.threads.create(options)).rejects.toThrow('HTTP 409: {"detail":"Thread already exists"}')
    expect(await client.threads.create({ ...options, ifExists: 'do_nothing', metadata: {} })).toEqual(thread)
    const shown = await client.threads.get(threadId, { include: ['ttl'] })
    expect(shown).toMatchObject({ ttl: { strategy: 'delete', ttl_minutes: 60 } })
  })

  it('are updated: metadata is merged, the lifetime begins anew', async () => {
    const { thread_id } = await client.threads.create({ metadata: { a: 1, b: { c: 2 } } })
    const updated = await client.threads.update(thread_id, { metadata: { b: 3 }, ttl: { ttl: 5, strategy: 'delete' } })
    expect(updated.metadata).toEqual({ a: 1, b: 3 })
    expect(await client.threads.update(thread_id, { metadata: { d: 4 }, returnMinimal: true })).toBeUndefined()
    const shown = await client.threads.get(thread_id, { include: ['ttl'] })
    expect(shown).toMatchObject({ metadata: { a: 1, b: 3, d: 4 }, ttl: { ttl_minutes: 5 } })
    await expect(client.threads.update(crypto.randomUUID(), { metadata: {} })).rejects.toThrow(
      'HTTP 404: {"detail":"Thread not found"}',
    )
  })

  it('are searched and counted', async () => {
    const tag = crypto.randomUUID()
    const made: string[] = []
    for (let n = 0; n < 3; n += 1) made.push((await client.threads.create({ metadata: { tag, n } })).thread_id)
    await client.runs.wait(made[0] ?? '', 'steps', { input: {} })
    await client.runs.wait(made[1] ?? '', 'asking', { input: {} })
    const ids = async (query: object) => {
      const found = await client.threads.search({ metadata: { tag }, sortBy: 'created_at', sortOrder: 'asc', ...query })
      return found.map(({ thread_id }) => thread_id)
    }
    expect(await ids({})).toEqual(made)
    expect(await ids({ limit: 1, offset: 1 })).toEqual([made[1]])
    expect(await ids({ status: 'interrupted' })).toEqual([made[1]])
    expect(await ids({ values: { log: ['second'] } })).toEqual([made[0]])
    expect(await ids({ ids: [made[2]] })).toEqual([made[2]])
    expect(await ids({ sortBy: 'state_updated_at', sortOrder: 'desc' })).toEqual([made[1], made[0], made[2]])
    expect(await client.threads.count({ metadata: { tag } })).toBe(3)
    expect(await client.threads.count({ metadata: { tag }, status: 'idle' })).toBe(2)
    const [row] = await client.threads.search({
      ids: made.slice(0, 1),
      select: ['thread_id', 'status'],
      extract: { last: 'values.log[-1]' },
    })
    expect(row).toEqual({ thread_id: made[0], status: 'idle', extracted: { last: 'second' } })
  })

  it('are deleted', async () => {
    const threadId = await ran()
    await client.threads.delete(threadId)
    await expect(client.threads.get(threadId)).rejects.toThrow(`Thread with ID ${threadId} not found`)
    await expect(client.threads.delete(threadId)).rejects.toThrow('HTTP 404')
  })

  it('are copied: both go on by themselves', async () => {
    const source = await ran('asking')
    const copy = await client.threads.copy(source)
    expect(copy).toMatchObject({ status: 'idle', metadata: { graph_id: 'asking' } })
    const ids = async (threadId: string) => {
      return (await client.threads.getHistory(threadId)).map(({ checkpoint }) => checkpoint.checkpoint_id)
    }
    expect(await ids(copy.thread_id)).toEqual(await ids(source))
    await client.runs.wait(copy.thread_id, 'asking', { command: { resume: 'yes' } })
    expect((await client.threads.getState(copy.thread_id)).values).toEqual({ log: ['answer: yes'] })
    expect(await client.threads.getState(source)).toMatchObject({ values: { log: [] }, next: ['branch'] })
    const runs = await client.runs.list(copy.thread_id)
    expect(runs).toHaveLength(1)
    await expect(client.threads.copy(crypto.randomUUID())).rejects.toThrow('HTTP 409: {"detail":"Thread not found"}')
  })

  it('are pruned', async () => {
    const [kept, gone] = [await ran(), await ran()]
    const before = await client.threads.getState(kept)
    expect(await client.threads.prune([kept], { strategy: 'keep_latest' })).toEqual({ pruned_count: 1 })
    const history = await client.threads.getHistory(kept)
    expect(history).toHaveLength(1)
    expect(history[0]?.values).toEqual(before.values)
    expect(await client.runs.wait(kept, 'steps', { input: {} })).toMatchObject({
      log: ['first', 'second', 'first', 'second'],
    })
    expect(await client.threads.prune([gone, crypto.randomUUID()])).toEqual({ pruned_count: 1 })
    await expect(client.threads.get(gone)).rejects.toThrow('HTTP 404')
  })

  it('go when their time is over, but not while they are busy', async () => {
    const gate = await Gate.make()
    const { thread_id: idle } = await client.threads.create({ ttl: 0.001 })
    const { thread_id: busy } = await client.threads.create({ ttl: 0.01 })
    const run = await client.runs.create(busy, 'steps', { input: { gate: gate.url } })
    await gate.reached()
    await expect.poll(() => raw('GET', `/threads/${idle}`), { timeout: 10_000 }).toMatchObject({ status: 404 })
    expect(await client.threads.get(busy)).toMatchObject({ status: 'busy' })
    const joined = client.runs.join(busy, run.run_id)
    gate.open()
    expect(await joined).toMatchObject({ log: ['first', 'second'] })
    await expect.poll(() => raw('GET', `/threads/${busy}`), { timeout: 10_000 }).toMatchObject({ status: 404 })
    await gate.close()
  })
})

describe('the state of a thread by the official client', () => {
  it('is empty before the first run', async () => {
    const { thread_id } = await client.threads.create()
    const empty = { values: {}, next: [], tasks: [], metadata: null, created_at: null, checkpoint: null }
    expect(await client.threads.getState(thread_id)).toEqual({ ...empty, parent_checkpoint: null, interrupts: [] })
    expect(await client.threads.getHistory(thread_id)).toEqual([])
  })

  it('is read at the latest checkpoint, by id and by object, whole or in part', async () => {
    const threadId = await ran()
    const history = await client.threads.getHistory(threadId)
    expect(history.map(({ next }) => next)).toEqual([[], ['second'], ['first'], ['__start__']])
    expect(await client.threads.getState(threadId)).toEqual(history[0])
    const middle = history[1] as ThreadState
    expect(await client.threads.getState(threadId, middle.checkpoint.checkpoint_id ?? '')).toEqual(middle)
    expect(await client.threads.getState(threadId, middle.checkpoint)).toEqual(middle)
    const select = ['next', 'values.log'] as never
    const part = { next: ['second'], values: { log: ['first'] } }
    expect(await client.threads.getState(threadId, middle.checkpoint, { select })).toEqual(part)
    expect(await client.threads.getState(threadId, middle.checkpoint.checkpoint_id ?? '', { select })).toEqual(part)
    expect(await client.threads.getHistory(threadId, { limit: 1, select })).toEqual([
      { next: [], values: { log: ['first', 'second'] } },
    ])
  })

  it('has a history by limit, before, metadata and namespace', async () => {
    const threadId = await ran('asking')
    const whole = await client.threads.getHistory(threadId)
    const before = { configurable: { checkpoint_id: whole[0]?.checkpoint.checkpoint_id } } as never
    expect(await client.threads.getHistory(threadId, { before, limit: 1 })).toEqual(whole.slice(1, 2))
    const [run] = await client.runs.list(threadId)
    expect(await client.threads.getHistory(threadId, { metadata: { run_id: run?.run_id } })).toEqual(whole)
    expect(await client.threads.getHistory(threadId, { metadata: { run_id: 'other' } })).toEqual([])
    const inner = whole[0]?.tasks[0]?.checkpoint as { checkpoint_ns: string }
    const states = await client.threads.getHistory(threadId, { checkpoint: inner })
    expect(states.map(({ next }) => next)).toEqual([['ask'], ['__start__']])
    const expanded = await client.threads.getState(threadId, undefined, { subgraphs: true })
    expect(expanded.tasks[0]?.state).toEqual(states[0])
    expect(expanded.tasks[0]?.checkpoint).toBeNull()
  })

  it('is updated as a node, and a run goes on from there', async () => {
    const { thread_id } = await client.threads.create({ graphId: 'steps' })
    const answer = await client.threads.updateState(thread_id, { values: { log: ['mine'] }, asNode: 'first' })
    const state = await client.threads.getState(thread_id)
    expect(answer.configurable).toMatchObject({ thread_id, checkpoint_id: state.checkpoint.checkpoint_id })
    expect(await client.threads.get(thread_id)).toMatchObject({ status: 'interrupted', values: { log: ['mine'] } })
    expect(await client.runs.wait(thread_id, 'steps', { input: null })).toMatchObject({ log: ['mine', 'second'] })
    expect(await client.threads.get(thread_id)).toMatchObject({ status: 'idle' })
  })

  it('is updated at a checkpoint: a fork with values of its own', async () => {
    const threadId = await ran()
    const [latest, second] = await client.threads.getHistory(threadId)
    await client.threads.updateState(threadId, {
      values: { log: ['other'] },
      asNode: 'second',
      checkpointId: second?.checkpoint.checkpoint_id ?? '',
    })
    expect((await client.threads.getState(threadId)).values).toEqual({ log: ['first', 'other'] })
    expect(await client.threads.getState(threadId, latest?.checkpoint)).toEqual(latest)
  })

  it('is updated in a subgraph: the interrupt is answered by hand', async () => {
    const threadId = await ran('asking')
    expect(await client.threads.get(threadId)).toMatchObject({ status: 'interrupted' })
    const { tasks } = await client.threads.getState(threadId)
    const checkpoint = tasks[0]?.checkpoint as never
    await client.threads.updateState(threadId, { values: { log: ['by hand'] }, asNode: 'ask', checkpoint })
    expect(await client.threads.getState(threadId, checkpoint)).toMatchObject({
      next: [],
      values: { log: ['by hand'] },
    })
    expect(await client.threads.get(threadId)).toMatchObject({ status: 'interrupted' })
    expect(await client.runs.wait(threadId, 'asking', { input: null })).toEqual({ log: ['by hand'] })
  })

  it('is patched: the metadata of the latest checkpoint', async () => {
    const threadId = await ran()
    await client.threads.patchState(threadId, { rating: 5 })
    await client.threads.patchState({ configurable: { thread_id: threadId } } as never, { seen: true })
    const { metadata } = await client.threads.getState(threadId)
    expect(metadata).toMatchObject({ rating: 5, seen: true, source: 'loop' })
    const found = await client.threads.getHistory(threadId, { metadata: { rating: 5 } })
    expect(found).toHaveLength(1)
  })

  it('is replayed by supersteps: the same history', async () => {
    const history = (await client.threads.getHistory(await ran('steps', { log: ['in'] }))).toReversed()
    const input = history[0]?.tasks[0] as { result?: unknown } | undefined
    const steps = history.map(({ tasks }) => {
      return { updates: tasks.map((task) => ({ values: (task as { result?: unknown }).result, asNode: task.name })) }
    })
    const supersteps = [
      { updates: [{ values: input?.result, asNode: '__input__' }] },
      ...steps.filter(({ updates }) => updates.length > 0),
    ]
    const replayed = await client.threads.create({ graphId: 'steps', supersteps })
    expect(replayed).toMatchObject({ status: 'idle', values: { log: ['in', 'first', 'second'] } })
    const shape = (states: ThreadState[]) => states.map(({ values, next }) => ({ values, next }))
    expect(shape((await client.threads.getHistory(replayed.thread_id)).toReversed())).toEqual(shape(history))
  })

  it('of a graph made by a factory is read and written by the config of its runs', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'made', { input: {}, config: { configurable: { node_name: 'special' } } })
    await client.threads.updateState(thread_id, { values: { log: ['more'] }, asNode: 'special' })
    expect((await client.threads.getState(thread_id)).values).toEqual({ log: ['special', 'more'] })
  })
})

describe('an update of a state and runs of its thread', () => {
  it('is refused while one is running, waiting or delayed', async () => {
    const gate = await Gate.make()
    const running = await client.threads.create()
    await client.runs.create(running.thread_id, 'steps', { input: { gate: gate.url } })
    await gate.reached()
    const delayed = await client.threads.create()
    await client.runs.create(delayed.thread_id, 'steps', { input: {}, afterSeconds: 3600 })
    for (const { thread_id } of [running, delayed]) {
      const update = client.threads.updateState(thread_id, { values: { log: ['x'] }, asNode: 'second' })
      await expect(update).rejects.toThrow('HTTP 409: {"detail":"Thread is busy"}')
    }
    await gate.close()
  })

  it('never mix: each is done whole, before or after a run, or refused', async () => {
    const threadId = await ran()
    const runs = Array.from({ length: 10 }, () => client.runs.wait(threadId, 'steps', { input: {} }))
    const updates = Array.from({ length: 40 }, async (_, n) => {
      const done = client.threads.updateState(threadId, { values: { log: [`u${n}`] }, asNode: 'second' })
      return done.then(
        () => `u${n}`,
        (error: Error) => (expect(error.message).toContain('Thread is busy'), null),
      )
    })
    const [written] = await Promise.all([Promise.all(updates), Promise.all(runs)])
    const { values } = await client.threads.getState(threadId)
    const { log } = values as { log: string[] }
    const steps = log
      .join(' ')
      .replaceAll(/ ?u\d+/g, '')
      .trim()
    expect(steps).toBe(Array.from({ length: 11 }, () => 'first second').join(' '))
    expect(log.filter((line) => line.startsWith('u')).toSorted()).toEqual(
      written.filter((line) => line !== null).toSorted(),
    )
    expect(log.join(' ')).not.toMatch(/first u\d/)
    expect(await client.threads.get(threadId)).toMatchObject({ status: 'idle', values })
  })
})

describe('threads in the dialect of the Python client', () => {
  it('takes include as a comma list and flags as words, and no body', async () => {
    const threadId = await ran()
    expect((await raw('GET', `/threads/${threadId}?include=ttl`)).body).toMatchObject({ ttl: null })
    expect((await raw('GET', `/threads/${threadId}/state?subgraphs=false`)).body).toMatchObject({ next: [] })
    expect((await raw('POST', `/threads/${threadId}/copy`)).status).toBe(200)
    const minimal = await raw('PATCH', `/threads/${threadId}`, { metadata: {} }, { prefer: 'return=minimal' })
    expect(minimal).toMatchObject({ status: 204, body: null })
  })

  it('reads the checkpoint of an update, and a history before one', async () => {
    const threadId = await ran()
    const payload = { values: null, as_node: 'second' }
    const { body } = await raw('POST', `/threads/${threadId}/state`, payload)
    const { checkpoint } = body as { checkpoint: { checkpoint_id: string } }
    const states = (await raw('POST', `/threads/${threadId}/history`, { limit: 2, before: checkpoint }))
      .body as unknown[]
    const before = checkpoint.checkpoint_id
    expect((await raw('GET', `/threads/${threadId}/history?limit=2&before=${before}`)).body).toEqual(states)
    expect((await raw('POST', `/threads/${threadId}/history`, { limit: 2, before })).body).toEqual(states)
    expect(states).toHaveLength(2)
  })

  it('pages a search by its headers', async () => {
    const tag = crypto.randomUUID()
    for (let n = 0; n < 3; n += 1) await client.threads.create({ metadata: { tag } })
    const { headers } = await raw('POST', '/threads/search', { metadata: { tag }, limit: 2, offset: 0 })
    expect([headers.get('x-pagination-next'), headers.get('x-pagination-total')]).toEqual(['2', '3'])
    expect((await raw('POST', '/threads/count', { metadata: { tag } })).body).toBe(3)
  })

  it('gets the contract’s texts for what cannot be done', async () => {
    const { thread_id } = await client.threads.create()
    const update = await raw('POST', `/threads/${thread_id}/state`, { values: {} })
    expect([update.status, update.body]).toEqual([400, { detail: `Thread ${thread_id} has no graph ID` }])
    const threadId = crypto.randomUUID()
    const created = await raw('POST', '/threads', { thread_id: threadId, supersteps: [{ updates: [{ values: {} }] }] })
    expect([created.status, created.body]).toEqual([400, { detail: `Thread ${threadId} has no graph ID` }])
    expect((await raw('GET', `/threads/${threadId}/history`)).body).toEqual({
      detail: `Thread with ID ${threadId} not found`,
    })
    expect(await raw('GET', '/threads/undefined/state')).toMatchObject({ status: 422 })
  })
})
