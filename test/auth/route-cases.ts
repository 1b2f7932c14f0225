import { MARKER, type World } from './world.js'

/** What is sent, without the method. */
export interface CaseRequest {
  readonly path: string
  readonly body?: unknown
}

/** How a route treats those who ask for the owner's. */
export interface RouteCase {
  /** As `serverRoutes` names it. */
  readonly route: string
  readonly request: (world: World) => CaseRequest
  readonly owner: number
  readonly other: number
  /** The JSON that somebody else gets, where it is an answer of their own. */
  readonly otherBody?: unknown
}

/** Routes that ask nobody who they are. */
export const OPEN_ROUTES =
  /^\S+ (\/|\/ok|\/info|\/health\/\S+|\/docs|\/openapi\.json|\/console|\/inspector\/\{bin\}(\/\*)?)$/

/** Routes that ask for the admin key, and take no other credentials for it. */
export const ADMIN_ROUTES = /^\S+ (\/metrics|\/webhooks\/\S+|\/inspector\/\{bin\}\/requests(\/\{id\})?)$/

const METADATA = { metadata: { marker: MARKER } }
const INPUT = { input: { log: [] } }

function at(route: string, path: (world: World) => string, owner = 200, other = 404): RouteCase {
  return { route, request: (world) => ({ path: path(world) }), owner, other }
}

function sending(
  route: string,
  request: (world: World) => CaseRequest,
  owner = 200,
  other = 404,
  otherBody?: unknown,
): RouteCase {
  return { route, request, owner, other, otherBody }
}

const assistant = ({ assistantId }: World) => `/assistants/${assistantId}`

const ASSISTANTS: RouteCase[] = [
  sending(
    'POST /assistants',
    ({ assistantId }) => ({
      path: '/assistants',
      body: { graph_id: 'echo', assistant_id: assistantId, if_exists: 'do_nothing' },
    }),
    200,
    409,
  ),
  at('GET /assistants/{assistant_id}', assistant),
  sending('PATCH /assistants/{assistant_id}', (world) => ({ path: assistant(world), body: { name: 'mine' } })),
  at('DELETE /assistants/{assistant_id}', (world) => `${assistant(world)}?delete_threads=true`),
  at('GET /assistants/{assistant_id}/graph', (world) => `${assistant(world)}/graph`),
  at('GET /assistants/{assistant_id}/schemas', (world) => `${assistant(world)}/schemas`),
  at('GET /assistants/{assistant_id}/subgraphs', (world) => `${assistant(world)}/subgraphs`),
  at('GET /assistants/{assistant_id}/subgraphs/*', (world) => `${assistant(world)}/subgraphs/inner`),
  sending('POST /assistants/{assistant_id}/latest', (world) => ({
    path: `${assistant(world)}/latest`,
    body: { version: 1 },
  })),
  sending('POST /assistants/{assistant_id}/versions', (world) => ({ path: `${assistant(world)}/versions`, body: {} })),
  sending('POST /assistants/count', () => ({ path: '/assistants/count', body: METADATA }), 200, 200, 0),
  sending('POST /assistants/search', () => ({ path: '/assistants/search', body: METADATA }), 200, 200, []),
]

const thread = ({ threadId }: World) => `/threads/${threadId}`

const THREADS: RouteCase[] = [
  sending(
    'POST /threads',
    ({ threadId }) => ({ path: '/threads', body: { thread_id: threadId, if_exists: 'do_nothing' } }),
    200,
    409,
  ),
  at('GET /threads/{thread_id}', thread),
  sending('PATCH /threads/{thread_id}', (world) => ({ path: thread(world), body: { metadata: { owner: 'bob' } } })),
  at('DELETE /threads/{thread_id}', thread, 204),
  sending('POST /threads/{thread_id}/copy', (world) => ({ path: `${thread(world)}/copy`, body: {} }), 200, 409),
  at('GET /threads/{thread_id}/history', (world) => `${thread(world)}/history`),
  sending('POST /threads/{thread_id}/history', (world) => ({ path: `${thread(world)}/history`, body: {} })),
  at('GET /threads/{thread_id}/state', (world) => `${thread(world)}/state`),
  sending('POST /threads/{thread_id}/state', (world) => ({
    path: `${thread(world)}/state`,
    body: { values: { log: ['more'] }, as_node: 'say' },
  })),
  sending(
    'PATCH /threads/{thread_id}/state',
    (world) => ({ path: `${thread(world)}/state`, body: { metadata: { seen: true } } }),
    204,
  ),
  at('GET /threads/{thread_id}/state/{checkpoint_id}', (world) => `${thread(world)}/state/${world.checkpointId}`),
  sending('POST /threads/{thread_id}/state/checkpoint', (world) => ({
    path: `${thread(world)}/state/checkpoint`,
    body: { checkpoint: { thread_id: world.threadId, checkpoint_id: world.checkpointId, checkpoint_ns: '' } },
  })),
  at('GET /threads/{thread_id}/stream', (world) => `${thread(world)}/stream`),
  sending('POST /threads/prune', ({ threadId }) => ({ path: '/threads/prune', body: { thread_ids: [threadId] } })),
  sending('POST /threads/count', () => ({ path: '/threads/count', body: METADATA }), 200, 200, 0),
  sending('POST /threads/search', () => ({ path: '/threads/search', body: METADATA }), 200, 200, []),
]

const run = (world: World) => `${thread(world)}/runs/${world.runId}`
const queuedRun = ({ queuedThreadId, queuedRunId }: World) => `/threads/${queuedThreadId}/runs/${queuedRunId}`

/** A run on the owner's thread, which must not be made by asking for a missing thread either. */
const onThread = (route: string, suffix: string, prefix = 'threads') =>
  sending(route, ({ threadId }) => ({
    path: `/${prefix}/${threadId}/runs${suffix}`,
    body: { assistant_id: 'echo', if_not_exists: 'create', ...INPUT },
  }))

/** A run of the owner's assistant. */
const ofAssistant = (route: string, path: string) =>
  sending(route, ({ assistantId }) => ({ path, body: { assistant_id: assistantId, ...INPUT } }))

const RUNS: RouteCase[] = [
  onThread('POST /threads/{thread_id}/runs', ''),
  onThread('POST /threads/{thread_id}/runs/stream', '/stream'),
  onThread('POST /threads/{thread_id}/runs/wait', '/wait'),
  onThread('POST /thread/{thread_id}/runs', '', 'thread'),
  onThread('POST /thread/{thread_id}/runs/stream', '/stream', 'thread'),
  onThread('POST /thread/{thread_id}/runs/wait', '/wait', 'thread'),
  at('GET /threads/{thread_id}/runs', (world) => `${thread(world)}/runs`),
  at('GET /threads/{thread_id}/runs/{run_id}', run),
  at('DELETE /threads/{thread_id}/runs/{run_id}', run, 204),
  at('GET /threads/{thread_id}/runs/{run_id}/join', (world) => `${run(world)}/join`),
  at('GET /threads/{thread_id}/runs/{run_id}/stream', (world) => `${run(world)}/stream?last_event_id=-1`),
  sending(
    'POST /threads/{thread_id}/runs/{run_id}/cancel',
    (world) => ({ path: `${queuedRun(world)}/cancel`, body: {} }),
    202,
  ),
  at('GET /runs/{run_id}/stream', ({ runId }) => `/runs/${runId}/stream?last_event_id=-1`),
  ofAssistant('POST /runs', '/runs'),
  ofAssistant('POST /runs/stream', '/runs/stream'),
  ofAssistant('POST /runs/wait', '/runs/wait'),
  sending('POST /runs/batch', ({ assistantId }) => ({
    path: '/runs/batch',
    body: [
      { assistant_id: 'echo', ...INPUT },
      { assistant_id: assistantId, ...INPUT },
    ],
  })),
  sending(
    'POST /runs/cancel',
    ({ queuedThreadId, queuedRunId }) => ({
      path: '/runs/cancel',
      body: { thread_id: queuedThreadId, run_ids: [queuedRunId] },
    }),
    204,
  ),
]

const cron = ({ cronId }: World) => `/runs/crons/${cronId}`
const SCHEDULE = { assistant_id: 'echo', schedule: '0 0 1 1 *' }

const CRONS: RouteCase[] = [
  sending('POST /runs/crons', ({ assistantId }) => ({
    path: '/runs/crons',
    body: { ...SCHEDULE, assistant_id: assistantId },
  })),
  sending('POST /threads/{thread_id}/runs/crons', (world) => ({ path: `${thread(world)}/runs/crons`, body: SCHEDULE })),
  sending('POST /thread/{thread_id}/runs/crons', ({ threadId }) => ({
    path: `/thread/${threadId}/runs/crons`,
    body: SCHEDULE,
  })),
  at('GET /runs/crons/{cron_id}', cron),
  sending('PATCH /runs/crons/{cron_id}', (world) => ({ path: cron(world), body: { metadata: { owner: 'bob' } } })),
  at('DELETE /runs/crons/{cron_id}', cron, 204),
  sending('POST /runs/crons/count', () => ({ path: '/runs/crons/count', body: METADATA }), 200, 200, 0),
  sending('POST /runs/crons/search', () => ({ path: '/runs/crons/search', body: METADATA }), 200, 200, []),
]

const item = ({ namespace, key }: World) => `/store/items?namespace=${namespace.join('.')}&key=${key}`

const STORE: RouteCase[] = [
  sending(
    'PUT /store/items',
    ({ namespace, key }) => ({ path: '/store/items', body: { namespace, key, value: { text: 'mine' } } }),
    204,
    403,
  ),
  at('GET /store/items', item, 200, 403),
  sending(
    'DELETE /store/items',
    ({ namespace, key }) => ({ path: '/store/items', body: { namespace, key } }),
    204,
    403,
  ),
  sending(
    'POST /store/items/search',
    ({ namespace }) => ({ path: '/store/items/search', body: { namespace_prefix: namespace } }),
    200,
    403,
  ),
  sending(
    'POST /store/namespaces',
    ({ namespace }) => ({ path: '/store/namespaces', body: { prefix: namespace } }),
    200,
    403,
  ),
]

/** One for each route that belongs to somebody; HEAD goes with GET. */
export const ROUTE_CASES: readonly RouteCase[] = [...ASSISTANTS, ...THREADS, ...RUNS, ...CRONS, ...STORE]
