import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collect, Ground } from './ground.js'
import { type Case, testMethods } from './method-cases.js'

let ground: Ground

beforeAll(async () => {
  ground = await Ground.start()
})
afterAll(() => ground.stop())

const assistants: Record<string, Case> = {
  'assistants.get': async () => {
    expect(await ground.client.assistants.get('echo')).toMatchObject({ graph_id: 'echo', version: 1 })
  },
  'assistants.getGraph': async () => {
    const { nodes, edges } = await ground.client.assistants.getGraph('weighed', { xray: true })
    expect(nodes.map(({ id }) => id)).toEqual(expect.arrayContaining(['__start__', '__end__', 'gp_two:p_one']))
    expect(edges.length).toBeGreaterThan(0)
  },
  'assistants.getSchemas': async () => {
    const schemas = await ground.client.assistants.getSchemas('annotated')
    expect(schemas).toMatchObject({ graph_id: 'annotated', input_schema: { type: 'object' } })
  },
  'assistants.getSubgraphs': async () => {
    const subgraphs = await ground.client.assistants.getSubgraphs('weighed', { recurse: true })
    expect(Object.keys(subgraphs)).toEqual(['gp_two', 'gp_two|p_two'])
  },
  'assistants.getSubgraphs (namespace)': async () => {
    const options = { namespace: 'gp_two|p_two', recurse: false }
    expect(Object.keys(await ground.client.assistants.getSubgraphs('weighed', options))).toEqual(['gp_two|p_two'])
  },
  'assistants.create': async () => {
    const assistantId = crypto.randomUUID()
    const labels = { config: { tags: ['a'] }, context: { b: 1 }, metadata: { c: 2 }, name: 'N', description: 'D' }
    const created = await ground.client.assistants.create({
      graphId: 'echo',
      assistantId,
      ifExists: 'raise',
      ...labels,
    })
    expect(created).toMatchObject({ assistant_id: assistantId, graph_id: 'echo', version: 1, ...labels })
  },
  'assistants.update': async () => {
    const { assistant_id: id } = await ground.client.assistants.create({ graphId: 'echo', metadata: { a: 1 } })
    const updated = await ground.client.assistants.update(id, { metadata: { b: 2 }, name: 'new' })
    expect(updated).toMatchObject({ metadata: { a: 1, b: 2 }, name: 'new', version: 2 })
  },
  'assistants.delete': async () => {
    const { assistant_id: id } = await ground.client.assistants.create({ graphId: 'echo' })
    await ground.client.assistants.delete(id, { deleteThreads: true })
    await expect(ground.client.assistants.get(id)).rejects.toThrow('HTTP 404: {"detail":"Assistant not found"}')
  },
  'assistants.search': async () => {
    const found = await ground.client.assistants.search({
      graphId: 'steps',
      metadata: { created_by: 'system' },
      limit: 5,
    })
    expect(found).toMatchObject([{ name: 'steps' }])
  },
  'assistants.search (pages)': async () => {
    const page = await ground.client.assistants.search({ limit: 2, sortBy: 'name', includePagination: true })
    expect([page.assistants.length, page.next]).toEqual([2, '2'])
  },
  'assistants.count': async () => {
    expect(await ground.client.assistants.count({ name: 'STEPS' })).toBe(1)
  },
  'assistants.getVersions': async () => {
    const { assistant_id: id } = await ground.client.assistants.create({ graphId: 'echo' })
    await ground.client.assistants.update(id, {})
    const versions = await ground.client.assistants.getVersions(id, { limit: 5 })
    expect(versions.map(({ version }) => version)).toEqual([2, 1])
  },
  'assistants.setLatest': async () => {
    const { assistant_id: id } = await ground.client.assistants.create({ graphId: 'echo', name: 'one' })
    await ground.client.assistants.update(id, { name: 'two' })
    expect(await ground.client.assistants.setLatest(id, 1)).toMatchObject({ version: 1, name: 'one' })
  },
}

const threads: Record<string, Case> = {
  'threads.get': async () => {
    const { thread_id } = await ground.client.threads.create()
    expect(await ground.client.threads.get(thread_id)).toMatchObject({ thread_id, status: 'idle', values: null })
  },
  'threads.get (include)': async () => {
    const { thread_id } = await ground.client.threads.create({ ttl: 7 })
    const thread = await ground.client.threads.get(thread_id, { include: ['ttl'] })
    expect(thread).toMatchObject({ ttl: { strategy: 'delete', ttl_minutes: 7 } })
  },
  'threads.create': async () => {
    const threadId = crypto.randomUUID()
    const supersteps = [{ updates: [{ values: { log: ['given'] }, asNode: 'first' }] }]
    const options = { threadId, metadata: { a: 1 }, graphId: 'steps', ifExists: 'raise' as const, supersteps, ttl: 60 }
    const thread = await ground.client.threads.create(options)
    expect(thread).toMatchObject({ thread_id: threadId, metadata: { a: 1, graph_id: 'steps' } })
    expect(await ground.client.threads.getState(threadId)).toMatchObject({
      values: { log: ['given'] },
      next: ['second'],
    })
  },
  'threads.copy': async () => {
    const { threadId } = await ground.ranThread()
    const copy = await ground.client.threads.copy(threadId)
    expect(copy.thread_id).not.toBe(threadId)
    expect((await ground.client.threads.getState(copy.thread_id)).values).toMatchObject({ log: ['first', 'second'] })
  },
  'threads.update': async () => {
    const { thread_id } = await ground.client.threads.create({ metadata: { a: 1 } })
    expect((await ground.client.threads.update(thread_id, { metadata: { b: 2 }, ttl: 5 })).metadata).toEqual({
      a: 1,
      b: 2,
    })
  },
  'threads.update (minimal)': async () => {
    const { thread_id } = await ground.client.threads.create()
    expect(await ground.client.threads.update(thread_id, { metadata: { b: 2 }, returnMinimal: true })).toBeUndefined()
    expect((await ground.client.threads.get(thread_id)).metadata).toEqual({ b: 2 })
  },
  'threads.delete': async () => {
    const { threadId } = await ground.ranThread()
    await ground.client.threads.delete(threadId)
    await expect(ground.client.threads.get(threadId)).rejects.toThrow(
      `HTTP 404: {"detail":"Thread with ID ${threadId} not found"}`,
    )
  },
  'threads.prune': async () => {
    const { threadId } = await ground.ranThread()
    expect(await ground.client.threads.prune([threadId], { strategy: 'keep_latest' })).toEqual({ pruned_count: 1 })
    expect(await ground.client.threads.getHistory(threadId)).toHaveLength(1)
  },
  'threads.search': async () => {
    const { threadId } = await ground.ranThread()
    const found = await ground.client.threads.search({
      ids: [threadId],
      status: 'idle',
      values: { log: ['second'] },
      sortBy: 'state_updated_at',
      sortOrder: 'asc',
      select: ['thread_id', 'status'],
      extract: { last: 'values.log[-1]' },
    })
    expect(found).toEqual([{ thread_id: threadId, status: 'idle', extracted: { last: 'second' } }])
  },
  'threads.count': async () => {
    const tag = crypto.randomUUID()
    await ground.client.threads.create({ metadata: { tag } })
    expect(await ground.client.threads.count({ metadata: { tag }, status: 'idle' })).toBe(1)
  },
  'threads.getState': async () => {
    const { threadId } = await ground.ranThread()
    const state = await ground.client.threads.getState(threadId, undefined, { subgraphs: true })
    expect(state).toMatchObject({ values: { log: ['first', 'second'] }, next: [] })
  },
  'threads.getState (checkpoint id)': async () => {
    const { threadId, checkpointId } = await ground.ranThread()
    const { checkpoint } = await ground.client.threads.getState(threadId, checkpointId)
    expect(checkpoint.checkpoint_id).toBe(checkpointId)
  },
  'threads.getState (checkpoint)': async () => {
    const { threadId, checkpointId } = await ground.ranThread()
    const checkpoint = { checkpoint_id: checkpointId, checkpoint_ns: '', thread_id: threadId, checkpoint_map: null }
    const state = await ground.client.threads.getState(threadId, checkpoint, { subgraphs: false })
    expect(state.checkpoint.checkpoint_id).toBe(checkpointId)
  },
  'threads.updateState': async () => {
    const { threadId, checkpointId } = await ground.ranThread()
    const update = { values: { log: ['mine'] }, asNode: 'first', checkpointId }
    const { configurable } = await ground.client.threads.updateState(threadId, update)
    expect(configurable).toMatchObject({ thread_id: threadId, checkpoint_ns: '' })
    expect((await ground.client.threads.getState(threadId)).next).toEqual(['second'])
  },
  'threads.patchState': async () => {
    const { threadId } = await ground.ranThread()
    await ground.client.threads.patchState(threadId, { reviewed: true })
    expect((await ground.client.threads.getState(threadId)).metadata).toMatchObject({ reviewed: true })
  },
  'threads.getHistory': async () => {
    const { threadId, runId } = await ground.ranThread()
    const [newest] = await ground.client.threads.getHistory(threadId, { limit: 1 })
    const before = newest ? { configurable: newest.checkpoint } : undefined
    const older = await ground.client.threads.getHistory(threadId, {
      ...(before ? { before: before as never } : {}),
      metadata: { run_id: runId },
    })
    expect(older.map(({ next }) => next)).toEqual([['second'], ['first'], ['__start__']])
  },
  'threads.joinStream': async () => {
    const { thread_id } = await ground.client.threads.create()
    const leave = new AbortController()
    const options = { streamMode: 'run_modes' as const, lastEventId: '-', signal: leave.signal }
    const parts = ground.client.threads.joinStream(thread_id, options)
    const first = parts.next()
    await ground.client.runs.wait(thread_id, 'echo', { input: {} })
    expect((await first).value).toMatchObject({ event: 'metadata', data: { attempt: 1 } })
    leave.abort()
  },
}

const runs: Record<string, Case> = {
  'runs.stream': async () => {
    const { thread_id } = await ground.client.threads.create()
    const created: object[] = []
    const options = {
      input: {},
      streamMode: ['values', 'updates'] as ('values' | 'updates')[],
      streamSubgraphs: true,
      streamResumable: true,
      onRunCreated: (run: object) => void created.push(run),
    }
    const parts = await collect(ground.client.runs.stream(thread_id, 'echo', options))
    expect(new Set(parts.map(({ event }) => event))).toEqual(new Set(['metadata', 'values', 'updates']))
    expect(created).toEqual([{ thread_id, run_id: expect.any(String) as string }])
  },
  'runs.stream (no thread)': async () => {
    const parts = await collect(ground.client.runs.stream(null, 'echo', { input: {} }))
    expect(parts.at(-1)).toMatchObject({ event: 'values', data: { log: ['echo'] } })
  },
  'runs.create': async () => {
    const { thread_id } = await ground.client.threads.create()
    const created: object[] = []
    const run = await ground.client.runs.create(thread_id, 'echo', {
      input: {},
      metadata: { a: 1 },
      ifNotExists: 'reject',
      multitaskStrategy: 'enqueue',
      durability: 'sync',
      onRunCreated: (one) => void created.push(one),
    })
    expect(run).toMatchObject({ thread_id, status: 'pending', metadata: { a: 1 }, multitask_strategy: 'enqueue' })
    expect(created).toEqual([{ thread_id, run_id: run.run_id }])
  },
  'runs.create (no thread)': async () => {
    const run = await ground.client.runs.create(null as never, 'echo', { input: {} })
    expect(run).toMatchObject({ run_id: expect.any(String) as string, thread_id: expect.any(String) as string })
  },
  'runs.createBatch': async () => {
    const payload = { assistantId: 'echo', input: {}, metadata: { batch: true }, streamMode: 'values' as const }
    const made = await ground.client.runs.createBatch([payload, { ...payload, assistantId: 'steps' }])
    expect(made).toMatchObject([{ metadata: { batch: true } }, { metadata: { batch: true } }])
    await expect(ground.client.runs.createBatch([])).rejects.toThrow('HTTP 422')
  },
  'runs.wait': async () => {
    const { thread_id } = await ground.client.threads.create()
    expect(await ground.client.runs.wait(thread_id, 'echo', { input: {} })).toMatchObject({ log: ['echo'] })
    await expect(ground.client.runs.wait(thread_id, 'failing', { input: {} })).rejects.toThrow('CustomError: Boo!')
  },
  'runs.wait (no thread)': async () => {
    expect(await ground.client.runs.wait(null, 'echo', { input: {} })).toMatchObject({ log: ['echo'] })
  },
  'runs.list': async () => {
    const { threadId, runId } = await ground.ranThread()
    const options = {
      limit: 5,
      offset: 0,
      status: 'success' as const,
      select: ['run_id', 'status'] as ('run_id' | 'status')[],
    }
    expect(await ground.client.runs.list(threadId, options)).toEqual([{ run_id: runId, status: 'success' }])
  },
  'runs.get': async () => {
    const { threadId, runId } = await ground.ranThread()
    expect(await ground.client.runs.get(threadId, runId)).toMatchObject({ run_id: runId, status: 'success' })
  },
  'runs.cancel': () =>
    ground.withHeldRun(async ({ threadId, runId }) => {
      expect(await ground.client.runs.cancel(threadId, runId)).toBeUndefined()
      await ground.client.runs.join(threadId, runId)
      expect((await ground.client.runs.get(threadId, runId)).status).toBe('interrupted')
    }),
  'runs.cancel (wait)': () =>
    ground.withHeldRun(async ({ threadId, runId }) => {
      await ground.client.runs.cancel(threadId, runId, true, 'rollback')
      await expect(ground.client.runs.get(threadId, runId)).rejects.toThrow('HTTP 404: {"detail":"Run not found"}')
    }),
  'runs.cancelMany': () =>
    ground.withHeldRun(async ({ threadId, runId }) => {
      await ground.client.runs.cancelMany({ threadId, runIds: [runId], action: 'interrupt' })
      await ground.client.runs.join(threadId, runId)
      expect((await ground.client.runs.get(threadId, runId)).status).toBe('interrupted')
      const again = ground.client.runs.cancelMany({ threadId, runIds: [runId] })
      await expect(again).rejects.toThrow('HTTP 404: {"detail":"No runs found to cancel."}')
    }),
  'runs.join': () =>
    ground.withHeldRun(async ({ threadId, runId, gate }) => {
      const joined = ground.client.runs.join(threadId, runId, { cancelOnDisconnect: false })
      gate.open()
      expect(await joined).toMatchObject({ log: ['first', 'second'] })
    }),
  'runs.joinStream': () =>
    ground.withHeldRun(async ({ threadId, runId, gate }) => {
      const options = { lastEventId: '-1', streamMode: ['values'] as 'values'[], cancelOnDisconnect: false }
      const parts = collect(ground.client.runs.joinStream(threadId, runId, options))
      gate.open()
      expect((await parts).map(({ event }) => event)).toEqual(['metadata', 'values', 'values', 'values'])
    }),
  'runs.joinStream (no thread)': async () => {
    const run = await ground.client.runs.create(null as never, 'echo', { input: {}, afterSeconds: 1 })
    const parts = await collect(ground.client.runs.joinStream(null, run.run_id, { lastEventId: '-1' }))
    expect(parts.at(-1)).toMatchObject({ event: 'values', data: { log: ['echo'] } })
  },
  'runs.delete': async () => {
    const { threadId, runId } = await ground.ranThread()
    await ground.client.runs.delete(threadId, runId)
    await expect(ground.client.runs.get(threadId, runId)).rejects.toThrow('HTTP 404: {"detail":"Run not found"}')
  },
}

/** Never due while the tests run. */
const YEARLY = '0 0 1 1 *'
const longAgo = { schedule: YEARLY, timezone: 'Europe/Berlin', endTime: '2100-01-01T00:00:00Z' }

const crons: Record<string, Case> = {
  'crons.createForThread': async () => {
    const { thread_id } = await ground.client.threads.create()
    const cron = await ground.client.crons.createForThread(thread_id, 'echo', { ...longAgo, input: { a: 1 } })
    expect(cron).toMatchObject({ thread_id, schedule: YEARLY, on_run_completed: null, payload: { input: { a: 1 } } })
  },
  'crons.create': async () => {
    const options = { ...longAgo, onRunCompleted: 'keep', streamMode: 'updates', enabled: false, durability: 'sync' }
    const cron = await ground.client.crons.create('echo', options as Parameters<typeof ground.client.crons.create>[1])
    expect(cron).toMatchObject({
      thread_id: null,
      timezone: 'Europe/Berlin',
      end_time: '2100-01-01T00:00:00.000Z',
      on_run_completed: 'keep',
      enabled: false,
      payload: { stream_mode: ['updates'], durability: 'sync' },
    })
  },
  'crons.update': async () => {
    const { cron_id } = await newCron({ metadata: { a: 1 } })
    const changed = await ground.client.crons.update(cron_id, { endTime: null, metadata: { b: 2 }, enabled: false })
    expect(changed).toMatchObject({ end_time: null, metadata: { a: 1, b: 2 }, enabled: false, schedule: YEARLY })
    await expect(ground.client.crons.update(cron_id, {})).rejects.toThrow('HTTP 400')
  },
  'crons.delete': async () => {
    const { cron_id } = await newCron()
    await ground.client.crons.delete(cron_id)
    await expect(ground.client.crons.delete(cron_id)).rejects.toThrow(`{"detail":"Cron '${cron_id}' not found"}`)
  },
  'crons.search': async () => {
    const { cron_id } = await newCron({ metadata: { searched: true } })
    const query = { metadata: { searched: true }, enabled: true, sortBy: 'next_run_date', sortOrder: 'asc' } as const
    const found = await ground.client.crons.search({ ...query, limit: 5, select: ['cron_id', 'next_run_date', 'now'] })
    expect(found).toEqual([{ cron_id, next_run_date: expect.any(String) as string, now: expect.any(String) as string }])
  },
  'crons.count': async () => {
    await newCron({ metadata: { counted: true } })
    expect(await ground.client.crons.count({ metadata: { counted: true } })).toBe(1)
  },
}

async function newCron(options: object = {}): Promise<{ cron_id: string }> {
  return ground.client.crons.create('echo', { ...longAgo, ...options }) as Promise<unknown> as Promise<{
    cron_id: string
  }>
}

const store: Record<string, Case> = {
  'store.putItem': async () => {
    await ground.client.store.putItem(['js', 'put'], 'k', { a: 1 }, { index: false, ttl: 5 })
    expect((await ground.client.store.getItem(['js', 'put'], 'k'))?.value).toEqual({ a: 1 })
  },
  'store.getItem': async () => {
    expect(await ground.client.store.getItem(['js', 'nowhere'], 'k', { refreshTtl: true })).toBeNull()
  },
  'store.deleteItem': async () => {
    await ground.client.store.putItem(['js', 'gone'], 'k', { a: 1 })
    await ground.client.store.deleteItem(['js', 'gone'], 'k')
    expect(await ground.client.store.getItem(['js', 'gone'], 'k')).toBeNull()
  },
  'store.searchItems': async () => {
    await ground.client.store.putItem(['js', 'search'], 'k', { a: 1 })
    const { items } = await ground.client.store.searchItems(['js', 'search'], { filter: { a: { $gte: 1 } }, limit: 3 })
    expect(items).toMatchObject([{ key: 'k', createdAt: expect.any(String) as string }])
  },
  'store.listNamespaces': async () => {
    await ground.client.store.putItem(['js', 'list', 'deep'], 'k', { a: 1 })
    const listed = await ground.client.store.listNamespaces({ prefix: ['js', 'list'], maxDepth: 2 })
    expect(listed).toEqual({ namespaces: [['js', 'list']] })
  },
}

const cases: Record<string, Case> = { ...assistants, ...threads, ...runs, ...crons, ...store }

describe('the JavaScript client', () => {
  const rows = testMethods('JavaScript', cases, () => ground)

  it('has no method without a row', () => {
    const called = new Set(rows.map(({ call }) => call.split(' ')[0]))
    const { assistants, threads, runs, crons, store } = ground.client
    const methods = Object.entries({ assistants, threads, runs, crons, store }).flatMap(([name, resource]) =>
      Object.getOwnPropertyNames(Object.getPrototypeOf(resource))
        .filter((method) => method !== 'constructor')
        .map((method) => `${name}.${method}`),
    )
    expect(methods.length).toBeGreaterThan(40)
    expect(called).toEqual(new Set(methods))
  })
})
