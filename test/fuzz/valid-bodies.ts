/** What the mutations of a body refer to. */
export interface KnownIds {
  readonly threadId: string
  readonly runId: string
  readonly checkpointId: string
  readonly assistantId: string
}

/** Query parameters that some route reads, each with a value that it takes. */
export const VALID_QUERY: ReadonlyMap<string, string> = new Map(
  Object.entries({
    limit: '5',
    offset: '0',
    status: 'success',
    select: '["status"]',
    stream_mode: 'values',
    cancel_on_disconnect: '0',
    wait: '0',
    action: 'interrupt',
    include: 'ttl',
    subgraphs: 'true',
    recurse: 'true',
    xray: '1',
    delete_threads: 'false',
    version: '1',
    check_db: '1',
    namespace: 'fuzz.a',
    key: 'k',
    refresh_ttl: 'true',
    before: '',
    format: 'json',
    namespace_prefix: 'x',
  }),
)

/** A body that the route takes, by `METHOD /path`; every other route gets `{}`. */
export function validBody(route: string, ids: KnownIds): unknown {
  const bodies: Record<string, unknown> = {
    ...assistantBodies(),
    ...threadBodies(ids),
    ...runBodies(ids),
    ...cronBodies(ids),
    ...storeBodies(),
  }
  return bodies[route] ?? {}
}

/** Never due while the fuzzing goes on. */
function cronBodies({ threadId, assistantId }: KnownIds): Record<string, unknown> {
  const changes = {
    schedule: '0 0 1 1 *',
    timezone: 'Europe/Berlin',
    end_time: '2100-01-01T00:00:00Z',
    input: {},
    metadata: { fuzz: true },
    config: { tags: ['a'], configurable: { a: 1 } },
    context: {},
    stream_mode: ['values'],
    interrupt_before: '*',
    multitask_strategy: 'enqueue',
    durability: 'async',
    enabled: false,
    on_run_completed: 'delete',
  }
  const filter = { assistant_id: assistantId, thread_id: threadId, metadata: {} }
  const cron = { ...changes, assistant_id: 'echo' }
  return {
    'POST /runs/crons': cron,
    'POST /threads/{thread_id}/runs/crons': cron,
    'POST /thread/{thread_id}/runs/crons': cron,
    'PATCH /runs/crons/{cron_id}': changes,
    'POST /runs/crons/search': { ...filter, enabled: false, limit: 5, sort_by: 'end_time', select: ['cron_id'] },
    'POST /runs/crons/count': filter,
  }
}

function assistantBodies(): Record<string, unknown> {
  const labels = { config: { tags: ['a'], recursion_limit: 5, configurable: { a: 1 } }, metadata: { fuzz: true } }
  const search = { metadata: {}, graph_id: 'echo', name: 'e', limit: 10, offset: 0, select: ['name', 'config'] }
  return {
    'POST /assistants': { ...labels, graph_id: 'echo', context: {}, if_exists: 'do_nothing', name: 'n' },
    'PATCH /assistants/{assistant_id}': { ...labels, graph_id: 'echo', context: { a: 1 }, description: 'd' },
    'POST /assistants/search': { ...search, sort_by: 'name', sort_order: 'asc' },
    'POST /assistants/count': { metadata: {}, graph_id: 'echo', name: 'e' },
    'POST /assistants/{assistant_id}/versions': { metadata: {}, limit: 5, offset: 0 },
    'POST /assistants/{assistant_id}/latest': { version: 1 },
  }
}

function threadBodies({ threadId, checkpointId }: KnownIds): Record<string, unknown> {
  const checkpoint = { checkpoint_id: checkpointId, checkpoint_ns: '', thread_id: threadId }
  const update = { values: { log: ['x'] }, as_node: 'first', command: { update: { log: ['y'] }, goto: 'second' } }
  const filter = { metadata: { fuzz: true }, values: { log: ['first'] }, status: 'idle' }
  const search = { ...filter, ids: [threadId], limit: 3, offset: 1, sort_by: 'updated_at', sort_order: 'asc' }
  return {
    'POST /threads': {
      metadata: { graph_id: 'steps' },
      if_exists: 'do_nothing',
      ttl: { ttl: 5, strategy: 'delete' },
      supersteps: [{ updates: [update] }],
    },
    'PATCH /threads/{thread_id}': { metadata: { a: 1 }, ttl: 5 },
    'POST /threads/search': { ...search, select: ['status', 'values'], extract: { a: 'values.log[-1]' } },
    'POST /threads/count': filter,
    'POST /threads/prune': { thread_ids: [threadId], strategy: 'keep_latest' },
    'POST /threads/{thread_id}/state': { values: { log: ['x'] }, as_node: 'first', checkpoint, checkpoint_id: null },
    'PATCH /threads/{thread_id}/state': { metadata: { a: 1 } },
    'POST /threads/{thread_id}/state/checkpoint': { checkpoint, subgraphs: true, select: ['values.log', 'next'] },
    'POST /threads/{thread_id}/history': {
      limit: 2,
      before: { configurable: { checkpoint_id: checkpointId } },
      metadata: { source: 'loop' },
      checkpoint: { checkpoint_ns: '' },
      select: ['values'],
    },
  }
}

function runBodies({ threadId, runId, checkpointId, assistantId }: KnownIds): Record<string, unknown> {
  const run = {
    assistant_id: assistantId,
    input: { log: ['a'] },
    command: null,
    metadata: { fuzz: true },
    config: { tags: ['t'], recursion_limit: 10, configurable: { user_id: 'u' }, metadata: { m: 1 } },
    context: { c: 1 },
    checkpoint: { checkpoint_ns: '', checkpoint_id: null },
    stream_mode: ['values', 'updates'],
    stream_subgraphs: true,
    stream_resumable: false,
    feedback_keys: ['k'],
    interrupt_before: ['second'],
    interrupt_after: '*',
    multitask_strategy: 'enqueue',
    if_not_exists: 'create',
    after_seconds: 0,
    on_disconnect: 'cancel',
    on_completion: 'delete',
    durability: 'exit',
  }
  const commanded = { assistant_id: 'asking', command: { resume: 'yes', update: { log: ['u'] }, goto: ['ask'] } }
  const paths = ['/threads/{thread_id}/runs', '/thread/{thread_id}/runs', '/runs']
  const creations = paths.flatMap((path) => [
    [`POST ${path}`, { ...run, checkpoint_id: checkpointId }],
    [`POST ${path}/stream`, run],
    [`POST ${path}/wait`, path === '/runs' ? run : commanded],
  ])
  return {
    ...Object.fromEntries(creations),
    'POST /runs/batch': [run, { ...run, thread_id: threadId, assistantId }],
    'POST /runs/cancel': { thread_id: threadId, run_ids: [runId] },
  }
}

function storeBodies(): Record<string, unknown> {
  const item = { namespace: ['fuzz', 'a'], key: 'k', value: { a: 1, b: { c: 'x' } }, index: ['a'], ttl: 5 }
  const search = { namespace_prefix: ['fuzz'], filter: { a: { $gt: 0, $ne: 'x' } }, limit: 5, offset: 0, query: 'q' }
  return {
    'PUT /store/items': item,
    'DELETE /store/items': { namespace: ['fuzz', 'a'], key: 'k' },
    'POST /store/items/search': { ...search, refresh_ttl: true },
    'POST /store/namespaces': { prefix: ['fuzz', '*'], suffix: ['a'], max_depth: 2, limit: 5, offset: 0 },
  }
}
