import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { Ground } from './ground.js'
import { type Case, testMethods } from './method-cases.js'
import type { PythonRequest } from './python-dialect.js'

let ground: Ground

beforeAll(async () => {
  ground = await Ground.start()
})
afterAll(() => ground.stop())

/** The body of a 200. */
async function ok(method: string, segments: readonly string[], request?: PythonRequest): Promise<unknown> {
  const { status, body } = await ground.python.call(method, segments, request)
  expect([status, body]).toEqual([200, body])
  return body
}

/** An answer without a body: its status. */
async function empty(method: string, segments: readonly string[], request?: PythonRequest): Promise<number> {
  const { status, body } = await ground.python.call(method, segments, request)
  expect(body).toBeNull()
  return status
}

async function newAssistant(): Promise<string> {
  const assistant = await ok('POST', ['assistants'], { json: { graph_id: 'echo', metadata: { a: 1 }, name: 'py' } })
  return (assistant as { assistant_id: string }).assistant_id
}

async function newThread(): Promise<string> {
  return ((await ok('POST', ['threads'], { json: {} })) as { thread_id: string }).thread_id
}

/** What the client sends for `stream` and `create`, its defaults included. */
const RUN = { stream_mode: 'values', stream_subgraphs: false, stream_resumable: false, assistant_id: 'echo', input: {} }

const assistants: Record<string, Case> = {
  'assistants.get': async () => {
    expect(await ok('GET', ['assistants', 'echo'])).toMatchObject({ graph_id: 'echo' })
  },
  'assistants.get_graph': async () => {
    const graph = await ok('GET', ['assistants', 'nested', 'graph'], { query: { xray: false } })
    expect(graph).toMatchObject({ nodes: [{ id: '__start__' }, { id: 'inner' }, { id: '__end__' }] })
  },
  'assistants.get_schemas': async () => {
    expect(await ok('GET', ['assistants', 'annotated', 'schemas'])).toMatchObject({ graph_id: 'annotated' })
  },
  'assistants.get_subgraphs': async () => {
    const subgraphs = await ok('GET', ['assistants', 'weighed', 'subgraphs'], { query: { recurse: false } })
    expect(Object.keys(subgraphs as object)).toEqual(['gp_two'])
  },
  'assistants.get_subgraphs (namespace)': async () => {
    const path = ['assistants', 'weighed', 'subgraphs', 'gp_two|p_two']
    expect(Object.keys((await ok('GET', path, { query: { recurse: true } })) as object)).toEqual(['gp_two|p_two'])
  },
  'assistants.create': async () => {
    const id = await newAssistant()
    const again = { graph_id: 'echo', assistant_id: id, if_exists: 'do_nothing' }
    expect(await ok('POST', ['assistants'], { json: again })).toMatchObject({ assistant_id: id, name: 'py' })
  },
  'assistants.update': async () => {
    const path = ['assistants', await newAssistant()]
    expect(await ok('PATCH', path, { json: { metadata: { b: 2 } } })).toMatchObject({ metadata: { a: 1, b: 2 } })
  },
  'assistants.delete': async () => {
    const id = await newAssistant()
    expect(await ok('DELETE', ['assistants', id], { query: { delete_threads: true } })).toEqual([id])
  },
  'assistants.search': async () => {
    const json = { limit: 1, offset: 0, sort_by: 'name', sort_order: 'asc', select: ['name'] }
    const { headers, body } = await ground.python.call('POST', ['assistants', 'search'], { json })
    expect([body, headers.get('x-pagination-next')]).toEqual([[{ name: 'agent' }], '1'])
  },
  'assistants.count': async () => {
    expect(await ok('POST', ['assistants', 'count'], { json: { name: 'zod' } })).toBe(2)
  },
  'assistants.get_versions': async () => {
    const path = ['assistants', await newAssistant(), 'versions']
    expect(await ok('POST', path, { json: { limit: 10, offset: 0 } })).toMatchObject([{ version: 1 }])
  },
  'assistants.set_latest': async () => {
    const path = ['assistants', await newAssistant(), 'latest']
    expect(await ok('POST', path, { json: { version: 1 } })).toMatchObject({ version: 1 })
  },
}

const threads: Record<string, Case> = {
  'threads.get': async () => {
    const path = ['threads', await newThread()]
    expect(await ok('GET', path, { query: { include: 'ttl' } })).toMatchObject({ thread_id: path[1] })
    expect((await ground.python.call('GET', path, { query: { include: null } })).status).toBe(200)
  },
  'threads.create': async () => {
    const updates = [{ values: { log: ['given'] }, as_node: 'first' }]
    const json = {
      metadata: { graph_id: 'steps' },
      if_exists: 'raise',
      supersteps: [{ updates }],
      ttl: { ttl: 1.5, strategy: 'delete' },
    }
    expect(await ok('POST', ['threads'], { json })).toMatchObject({ metadata: { graph_id: 'steps' } })
  },
  'threads.update': async () => {
    const path = ['threads', await newThread()]
    expect(await ok('PATCH', path, { json: { metadata: { a: 1 } } })).toMatchObject({ metadata: { a: 1 } })
    const minimal = { json: { metadata: { b: 2 } }, headers: { Prefer: 'return=minimal' } }
    expect(await empty('PATCH', path, minimal)).toBe(204)
  },
  'threads.delete': async () => {
    expect(await empty('DELETE', ['threads', await newThread()])).toBe(204)
  },
  'threads.search': async () => {
    const { threadId } = await ground.ranThread()
    const json = { limit: 10, offset: 0, ids: [threadId], extract: { last: 'values.log[-1]' }, select: ['thread_id'] }
    expect(await ok('POST', ['threads', 'search'], { json })).toEqual([
      { thread_id: threadId, extracted: { last: 'second' } },
    ])
  },
  'threads.count': async () => {
    expect(await ok('POST', ['threads', 'count'], { json: { metadata: { tag: crypto.randomUUID() } } })).toBe(0)
  },
  'threads.copy': async () => {
    const { threadId } = await ground.ranThread()
    const copy = (await ok('POST', ['threads', threadId, 'copy'])) as { thread_id: string }
    expect(copy.thread_id).not.toBe(threadId)
  },
  'threads.prune': async () => {
    const json = { thread_ids: [await newThread(), crypto.randomUUID()] }
    expect(await ok('POST', ['threads', 'prune'], { json })).toEqual({ pruned_count: 1 })
  },
  'threads.get_state': async () => {
    const { threadId } = await ground.ranThread()
    const state = await ok('GET', ['threads', threadId, 'state'], { query: { subgraphs: false } })
    expect(state).toMatchObject({ values: { log: ['first', 'second'] }, interrupts: [] })
  },
  'threads.get_state (checkpoint_id)': async () => {
    const { threadId, checkpointId } = await ground.ranThread()
    const path = ['threads', threadId, 'state', checkpointId]
    const state = await ok('GET', path, { query: { subgraphs: true } })
    expect(state).toMatchObject({ checkpoint: { checkpoint_id: checkpointId } })
  },
  'threads.get_state (checkpoint)': async () => {
    const { threadId, checkpointId } = await ground.ranThread()
    const json = { checkpoint: { checkpoint_id: checkpointId, checkpoint_ns: '' }, subgraphs: false }
    const state = await ok('POST', ['threads', threadId, 'state', 'checkpoint'], { json })
    expect(state).toMatchObject({ checkpoint: { checkpoint_id: checkpointId } })
  },
  'threads.update_state': async () => {
    const { threadId } = await ground.ranThread()
    const json = { values: null, as_node: 'first' }
    const updated = await ok('POST', ['threads', threadId, 'state'], { json })
    expect(updated).toMatchObject({ checkpoint: { thread_id: threadId, checkpoint_ns: '' } })
  },
  'threads.get_history': async () => {
    const { threadId, checkpointId } = await ground.ranThread()
    const history = await ok('POST', ['threads', threadId, 'history'], { json: { limit: 10, before: checkpointId } })
    expect(history).toHaveLength(3)
  },
  'threads.join_stream': async () => {
    const threadId = await newThread()
    const request = { query: { stream_mode: ['run_modes', 'lifecycle'] }, headers: { 'Last-Event-ID': '-' } }
    const first = ground.python.stream('GET', ['threads', threadId, 'stream'], request, 1)
    await ok('POST', ['threads', threadId, 'runs', 'wait'], { json: { assistant_id: 'echo', input: {} } })
    expect(await first).toMatchObject([{ event: 'metadata', data: { attempt: 1 } }])
  },
}

const runs: Record<string, Case> = {
  'runs.stream': async () => {
    const path = ['threads', await newThread(), 'runs', 'stream']
    const events = await ground.python.stream('POST', path, { json: RUN })
    expect(events.map(({ id, event }) => [id, event])).toEqual([
      ['0', 'metadata'],
      ['1', 'values'],
    ])
  },
  'runs.stream (no thread)': async () => {
    const events = await ground.python.stream('POST', ['runs', 'stream'], { json: RUN })
    expect(events.at(-1)).toMatchObject({ event: 'values', data: { log: ['echo'] } })
  },
  'runs.create': async () => {
    const path = ['threads', await newThread(), 'runs']
    const { status, headers, body } = await ground.python.call('POST', path, { json: RUN })
    const { run_id } = body as { run_id: string }
    expect([status, headers.get('content-location')]).toEqual([200, `/${path.join('/')}/${run_id}`])
  },
  'runs.create (no thread)': async () => {
    expect(await ok('POST', ['runs'], { json: RUN })).toMatchObject({ status: 'pending' })
  },
  'runs.create_batch': async () => {
    const json = [RUN, { ...RUN, thread_id: await newThread() }]
    expect(await ok('POST', ['runs', 'batch'], { json })).toHaveLength(2)
  },
  'runs.wait': async () => {
    const path = ['threads', await newThread(), 'runs', 'wait']
    expect(await ok('POST', path, { json: { assistant_id: 'echo', input: {} } })).toMatchObject({ log: ['echo'] })
    const failed = await ok('POST', path, { json: { assistant_id: 'failing', input: {} } })
    expect(failed).toEqual({ __error__: { error: 'CustomError', message: 'Boo!' } })
  },
  'runs.wait (no thread)': async () => {
    const values = await ok('POST', ['runs', 'wait'], { json: { assistant_id: 'echo', input: {} } })
    expect(values).toMatchObject({ log: ['echo'] })
  },
  'runs.list': async () => {
    const { threadId, runId } = await ground.ranThread()
    const query = { limit: 10, offset: 0, status: null, select: ['run_id', 'status'] }
    expect(await ok('GET', ['threads', threadId, 'runs'], { query })).toEqual([{ run_id: runId, status: 'success' }])
  },
  'runs.get': async () => {
    const { threadId, runId } = await ground.ranThread()
    expect(await ok('GET', ['threads', threadId, 'runs', runId])).toMatchObject({ run_id: runId })
  },
  'runs.cancel': () =>
    ground.withHeldRun(async ({ threadId, runId }) => {
      const path = ['threads', threadId, 'runs', runId, 'cancel']
      expect(await empty('POST', path, { query: { wait: 0, action: 'interrupt' } })).toBe(202)
      expect(await ok('POST', path, { query: { wait: 1, action: 'interrupt' } })).toMatchObject({ log: ['first'] })
    }),
  'runs.cancel_many': () =>
    ground.withHeldRun(async ({ threadId, runId }) => {
      const request = { query: { action: 'interrupt' }, json: { thread_id: threadId, run_ids: [runId] } }
      expect(await empty('POST', ['runs', 'cancel'], request)).toBe(204)
      const both = { json: { thread_id: threadId, run_ids: [runId], status: 'all' } }
      expect((await ground.python.call('POST', ['runs', 'cancel'], both)).status).toBe(422)
    }),
  'runs.join': async () => {
    const { threadId, runId } = await ground.ranThread()
    const path = ['threads', threadId, 'runs', runId, 'join']
    const { body, headers } = await ground.python.call('GET', path)
    expect([body, headers.get('location')]).toEqual([{ log: ['first', 'second'] }, `/${path.join('/')}`])
  },
  'runs.join_stream': () =>
    ground.withHeldRun(async ({ threadId, runId, gate }) => {
      const query = { cancel_on_disconnect: false, stream_mode: null }
      const path = ['threads', threadId, 'runs', runId, 'stream']
      const events = ground.python.stream('GET', path, { query, headers: { 'Last-Event-ID': '-1' } })
      gate.open()
      expect((await events).map(({ event }) => event)).toEqual(['metadata', 'values', 'values', 'values'])
    }),
  'runs.delete': async () => {
    const { threadId, runId } = await ground.ranThread()
    expect(await empty('DELETE', ['threads', threadId, 'runs', runId])).toBe(204)
  },
}

/** What the client sends for a cron that is never due while the tests run. */
const CRON = { schedule: '0 0 1 1 *', assistant_id: 'echo', input: {}, end_time: '2100-01-01T00:00:00+00:00' }
const cronPath = ['runs', 'crons']

async function newCron(json: object = {}): Promise<string> {
  return ((await ok('POST', cronPath, { json: { ...CRON, ...json } })) as { cron_id: string }).cron_id
}

const crons: Record<string, Case> = {
  'crons.create_for_thread': async () => {
    const threadId = await newThread()
    const json = { ...CRON, timezone: 'Europe/Berlin', stream_mode: 'values', multitask_strategy: 'reject' }
    const cron = await ok('POST', ['threads', threadId, 'runs', 'crons'], { json })
    expect(cron).toMatchObject({ thread_id: threadId, payload: { multitask_strategy: 'reject' } })
  },
  'crons.create': async () => {
    const json = { ...CRON, on_run_completed: 'keep', enabled: false, checkpoint_during: true }
    expect(await ok('POST', cronPath, { json })).toMatchObject({ on_run_completed: 'keep', enabled: false })
  },
  'crons.update': async () => {
    const cronId = await newCron()
    const json = { end_time: null, webhook: null, interrupt_before: ['say'] }
    const changed = await ok('PATCH', [...cronPath, cronId], { json })
    expect(changed).toMatchObject({ end_time: null, payload: { interrupt_before: ['say'] } })
  },
  'crons.delete': async () => {
    expect(await empty('DELETE', [...cronPath, await newCron()])).toBe(204)
  },
  'crons.search': async () => {
    const cronId = await newCron({ metadata: { py: 'search' } })
    const json = { assistant_id: 'echo', limit: 10, offset: 0, metadata: { py: 'search' }, sort_by: 'created_at' }
    expect(await ok('POST', [...cronPath, 'search'], { json })).toMatchObject([{ cron_id: cronId }])
  },
  'crons.count': async () => {
    await newCron({ metadata: { py: 'count' } })
    expect(await ok('POST', [...cronPath, 'count'], { json: { metadata: { py: 'count' } } })).toBe(1)
  },
}

const items = ['store', 'items']

const store: Record<string, Case> = {
  'store.put_item': async () => {
    const json = { namespace: ['py', 'put'], key: 'k', value: { a: 1 }, index: ['a'], ttl: 1.5 }
    expect(await empty('PUT', items, { json })).toBe(204)
  },
  'store.get_item': async () => {
    await empty('PUT', items, { json: { namespace: ['py', 'é'], key: 'a/b', value: { a: 1 } } })
    const item = await ok('GET', items, { query: { namespace: 'py.é', key: 'a/b' } })
    expect(item).toMatchObject({ namespace: ['py', 'é'], key: 'a/b', value: { a: 1 } })
    expect(await ok('GET', items, { query: { namespace: 'py', key: 'none', refresh_ttl: false } })).toBeNull()
  },
  'store.delete_item': async () => {
    expect(await empty('DELETE', items, { json: { key: 'k', namespace: ['py', 'gone'] } })).toBe(204)
  },
  'store.search_items': async () => {
    await empty('PUT', items, { json: { namespace: ['py', 'found'], key: 'k', value: { a: 1 } } })
    const json = { namespace_prefix: ['py', 'found'], limit: 10, offset: 0, filter: { a: 1 } }
    expect(await ok('POST', [...items, 'search'], { json })).toMatchObject({ items: [{ key: 'k' }] })
  },
  'store.list_namespaces': async () => {
    await empty('PUT', items, { json: { namespace: ['py', 'listed'], key: 'k', value: {} } })
    const json = { suffix: ['listed'], limit: 100, offset: 0 }
    expect(await ok('POST', ['store', 'namespaces'], { json })).toEqual({ namespaces: [['py', 'listed']] })
  },
}

const cases: Record<string, Case> = { ...assistants, ...threads, ...runs, ...crons, ...store }

describe('the dialect of the Python client', () => {
  testMethods('Python', cases, () => ground)
})
