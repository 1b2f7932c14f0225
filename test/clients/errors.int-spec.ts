import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverRoutes, type ServerRoute } from '../support/server-routes.js'
import { Ground } from './ground.js'

const NOBODY = '01990000-0000-7000-8000-000000000000'
const MALFORMED = ['undefined', '123', `${NOBODY}0`, '%00', "'%20OR%201=1"]

const CRON = { assistant_id: 'echo', schedule: '0 0 1 1 *' }

/** Contract section 15, the texts for what does not exist: by route, `{…}` being an id that nobody has. */
const UNKNOWN: readonly [route: string, status: number, detail: string, body?: unknown][] = [
  ['GET /assistants/{assistant_id}', 404, 'Assistant not found'],
  ['PATCH /assistants/{assistant_id}', 404, 'Assistant not found', {}],
  ['DELETE /assistants/{assistant_id}', 404, 'Assistant not found'],
  ['POST /assistants/{assistant_id}/latest', 404, 'Assistant not found', { version: 1 }],
  ['POST /assistants/{assistant_id}/versions', 404, `Assistant "${NOBODY}" not found.`, {}],
  ['GET /assistants/{assistant_id}/graph', 404, 'Assistant not found'],
  ['GET /assistants/{assistant_id}/schemas', 404, 'Assistant not found'],
  ['GET /assistants/{assistant_id}/subgraphs', 404, 'Assistant not found'],
  ['GET /assistants/{assistant_id}/subgraphs/x', 404, 'Assistant not found'],
  ['POST /assistants', 404, 'Graph "nobody" not found', { graph_id: 'nobody' }],
  ['GET /threads/{thread_id}', 404, `Thread with ID ${NOBODY} not found`],
  ['PATCH /threads/{thread_id}', 404, 'Thread not found', {}],
  ['DELETE /threads/{thread_id}', 404, `Thread with ID ${NOBODY} not found`],
  ['POST /threads/{thread_id}/copy', 409, 'Thread not found'],
  ['GET /threads/{thread_id}/state', 404, `Thread with ID ${NOBODY} not found`],
  ['GET /threads/{thread_id}/state/{checkpoint_id}', 404, `Thread with ID ${NOBODY} not found`],
  ['POST /threads/{thread_id}/state/checkpoint', 404, `Thread with ID ${NOBODY} not found`, { checkpoint: {} }],
  ['POST /threads/{thread_id}/state', 404, `Thread with ID ${NOBODY} not found`, { values: {} }],
  ['PATCH /threads/{thread_id}/state', 404, `Thread with ID ${NOBODY} not found`, { metadata: {} }],
  ['GET /threads/{thread_id}/history', 404, `Thread with ID ${NOBODY} not found`],
  ['POST /threads/{thread_id}/history', 404, `Thread with ID ${NOBODY} not found`, {}],
  ['GET /threads/{thread_id}/runs', 404, `Thread with ID ${NOBODY} not found`],
  ['POST /threads/{thread_id}/runs', 404, `Thread with ID ${NOBODY} not found`, { assistant_id: 'echo' }],
  ['POST /threads/{thread_id}/runs/stream', 404, `Thread with ID ${NOBODY} not found`, { assistant_id: 'echo' }],
  ['POST /threads/{thread_id}/runs/wait', 404, `Thread with ID ${NOBODY} not found`, { assistant_id: 'echo' }],
  ['GET /runs/{run_id}/stream', 404, 'Run not found'],
  ['GET /runs/crons/{cron_id}', 404, `Cron '${NOBODY}' not found`],
  ['PATCH /runs/crons/{cron_id}', 404, `Cron '${NOBODY}' not found`, { enabled: false }],
  ['DELETE /runs/crons/{cron_id}', 404, `Cron '${NOBODY}' not found`],
  ['POST /runs/crons', 404, `Assistant '${NOBODY}' not found`, { ...CRON, assistant_id: NOBODY }],
  ['POST /threads/{thread_id}/runs/crons', 404, `Thread with ID '${NOBODY}' not found`, CRON],
]

const NO_ASSISTANT = `No assistant found for "${NOBODY}". Make sure the assistant ID is for a valid assistant or a valid graph ID.`

/** Where rows are searched or listed, and the sort keys that each of them knows. */
const SEARCHES = ['/assistants/search', '/threads/search', '/runs/crons/search']
const LIMITED = [...SEARCHES, '/store/items/search', '/store/namespaces', `/assistants/echo/versions`]

let ground: Ground
let routes: readonly ServerRoute[]

beforeAll(async () => {
  routes = await serverRoutes()
  ground = await Ground.start()
})
afterAll(() => ground.stop())

interface Answer {
  readonly status: number
  readonly body: unknown
}

async function send(method: string, path: string, body?: unknown): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const json = body === undefined ? {} : { body: text, headers: { 'content-type': 'application/json' } }
  const answer = await fetch(`${ground.server.url}${path}`, { method, ...json })
  const answered = await answer.text()
  return { status: answer.status, body: answered === '' ? null : (JSON.parse(answered) as unknown) }
}

const refusal = (status: number, detail: unknown): Answer => ({ status, body: { detail } })

function fill(path: string, id: string): string {
  return path.replaceAll(/\{[a-z_]+\}/g, id)
}

/** A parameter that must be a UUID, on every route that has one: an assistant's may be a graph's id. */
function uuidParameters(): { method: string; path: string; name: string }[] {
  return routes
    .filter(({ method, path }) => method !== 'HEAD' && !path.startsWith('/inspector'))
    .flatMap(({ method, path }) =>
      [...path.matchAll(/\{((?:thread|run|checkpoint|cron)_id)\}/g)].map(([, name = '']) => ({ method, path, name })),
    )
}

describe('what does not exist', () => {
  it.each(UNKNOWN)('%s is a %i: %s', async (route, status, detail, body) => {
    const [method = '', path = ''] = route.split(' ')
    expect(await send(method, fill(path, NOBODY), body)).toEqual(refusal(status, detail))
  })

  it('is a run, on a thread that exists, on one that does not, and on another one', async () => {
    const { threadId } = await ground.ranThread()
    const other = await ground.ranThread()
    for (const [thread, run] of [
      [threadId, NOBODY],
      [threadId, other.runId],
    ] as const) {
      for (const [method, way] of [
        ['GET', ''],
        ['GET', '/join'],
        ['GET', '/stream'],
        ['POST', '/cancel'],
      ] as const) {
        const answer = await send(method, `/threads/${thread}/runs/${run}${way}`)
        expect(answer, `${method} ${way}`).toEqual(refusal(404, 'Run not found'))
      }
    }
    for (const way of ['/join', '/stream']) {
      const answer = await send('GET', `/threads/${NOBODY}/runs/${NOBODY}${way}`)
      expect(answer, way).toEqual(refusal(404, `Thread with ID ${NOBODY} not found`))
    }
    expect(await send('GET', `/threads/${NOBODY}/runs/${NOBODY}`)).toEqual(refusal(404, 'Run not found'))
  })

  it('is an assistant of a run, by every way to make one', async () => {
    const { threadId } = await ground.ranThread()
    const creations = routes.filter(({ method, path }) => method === 'POST' && /\/runs(?:\/stream|\/wait)?$/.test(path))
    expect(creations.length).toBeGreaterThanOrEqual(6)
    for (const { path } of creations) {
      const answer = await send('POST', fill(path, threadId), { assistant_id: NOBODY })
      expect(answer, path).toEqual(refusal(404, NO_ASSISTANT))
    }
  })

  it('is a version of an assistant', async () => {
    const answer = await send('POST', '/assistants/echo/latest', { version: 99 })
    expect(answer).toEqual(refusal(404, 'Assistant version not found'))
  })
})

describe('a conflict', () => {
  it('is told in the words of the contract', async () => {
    const { threadId } = await ground.ranThread()
    const { assistant_id } = await ground.client.assistants.create({ graphId: 'echo' })
    expect(await send('POST', '/threads', { thread_id: threadId })).toEqual(refusal(409, 'Thread already exists'))
    expect(await send('POST', '/assistants', { graph_id: 'echo', assistant_id })).toEqual(
      refusal(409, 'Assistant already exists'),
    )
    await ground.withHeldRun(async ({ threadId: busy }) => {
      expect(await send('POST', `/threads/${busy}/state`, { values: {} })).toEqual(refusal(409, 'Thread is busy'))
      const run = { assistant_id: 'echo', multitask_strategy: 'reject' }
      const text = 'Thread is already running a task. Wait for it to finish or choose a different multitask strategy.'
      for (const way of ['', '/stream', '/wait']) {
        expect(await send('POST', `/threads/${busy}/runs${way}`, run)).toEqual(refusal(409, text))
      }
    })
  })

  it('is a 400 where something that the request needs is missing', async () => {
    const { thread_id } = await ground.client.threads.create()
    const noGraph = refusal(400, `Thread ${thread_id} has no graph ID`)
    expect(await send('POST', `/threads/${thread_id}/state`, { values: {} })).toEqual(noGraph)
    const supersteps = [{ updates: [{ values: {}, as_node: 'first' }] }]
    const id = crypto.randomUUID()
    expect(await send('POST', '/threads', { thread_id: id, supersteps })).toEqual(
      refusal(400, `Thread ${id} has no graph ID`),
    )
    const resume = { assistant_id: 'asking', command: { resume: 1 } }
    for (const path of ['/runs', '/runs/stream', '/runs/wait']) {
      expect(await send('POST', path, resume)).toEqual(refusal(400, 'You must provide a thread_id when resuming.'))
    }
  })
})

describe('a request that is wrong', () => {
  it('is 422 for a malformed id, in every path that has one', async () => {
    const places = uuidParameters()
    expect(places.length).toBeGreaterThan(25)
    for (const { method, path, name } of places) {
      for (const id of MALFORMED) {
        const target = fill(path.replace(`{${name}}`, id), NOBODY)
        const answer = await send(method, target, method === 'GET' ? undefined : bodyFor(path))
        const kind = name.replace('_id', '')
        expect(answer, `${method} ${target}`).toEqual(refusal(422, `Invalid ${kind} ID: must be a UUID`))
      }
    }
  })

  it('is 422 for broken JSON, on every route that reads a body', async () => {
    const reading = routes.filter(({ method, path }) => /POST|PUT|PATCH/.test(method) && !path.startsWith('/inspector'))
    expect(reading.length).toBeGreaterThan(20)
    for (const { method, path } of reading) {
      const answer = await send(method, fill(path, NOBODY), '{"a":')
      expect(answer, `${method} ${path}`).toEqual(refusal(422, 'Request body is not valid JSON'))
    }
  })

  it.each(LIMITED)('is 422 for a limit or an offset out of range: %s', async (path) => {
    for (const limit of [0, 1001, -1, 1.5, '5', [], {}, true]) {
      const answer = await send('POST', path, { limit })
      expect(answer, JSON.stringify(limit)).toEqual(refusal(422, expect.stringMatching(/^limit: /)))
    }
    for (const offset of [-1, 1.5, '5', 1e300]) {
      const answer = await send('POST', path, { offset })
      expect(answer, JSON.stringify(offset)).toEqual(refusal(422, expect.stringMatching(/^offset: /)))
    }
    expect((await send('POST', path, { limit: 1000, offset: 0 })).status).toBe(200)
  })

  it('is 422 for a limit or an offset out of range in a query', async () => {
    const { threadId } = await ground.ranThread()
    for (const text of ['0', '1001', '-1', '1.5', 'ten', '1e2']) {
      const list = await send('GET', `/threads/${threadId}/runs?limit=${text}`)
      expect(list, text).toEqual(refusal(422, expect.stringMatching(/^limit: /)))
      const history = await send('GET', `/threads/${threadId}/history?limit=${text}`)
      expect(history, text).toEqual(refusal(422, expect.stringMatching(/^limit: /)))
    }
  })

  it.each(SEARCHES)('is 422 for a sort key, an order or a selected field that is unknown: %s', async (path) => {
    for (const wrong of [{ sort_by: 'name; DROP' }, { sort_order: 'up' }, { select: ['secret'] }, { select: 'name' }]) {
      const [field] = Object.keys(wrong)
      expect(await send('POST', path, wrong)).toEqual(refusal(422, expect.stringMatching(`^${field}: `)))
    }
  })

  it('is told of a namespace in the words of the contract', async () => {
    const item = { key: 'k', value: {} }
    expect(await send('PUT', '/store/items', { ...item, namespace: [] })).toEqual(refusal(400, 'Namespace is required'))
    for (const namespace of [['a', ''], ['a.b']]) {
      const text = `Namespace labels cannot be empty or contain periods. Received: ${namespace.join('.')}`
      expect(await send('PUT', '/store/items', { ...item, namespace })).toEqual(refusal(422, text))
    }
  })
})

describe('a request that is odd', () => {
  /** Bodies with every optional field null, and a key that nobody knows. */
  const bodies: [string, string, unknown][] = [
    ['POST', '/assistants', nulls('graph_id:echo assistant_id config context metadata name description if_exists')],
    ['PATCH', '/assistants/echo', nulls('graph_id config context metadata name description')],
    ['POST', '/assistants/search', nulls('metadata graph_id name limit offset sort_by sort_order select')],
    ['POST', '/assistants/count', nulls('metadata graph_id name')],
    ['POST', '/assistants/echo/versions', nulls('metadata limit offset')],
    ['POST', '/threads', nulls('thread_id metadata if_exists supersteps ttl')],
    ['POST', '/threads/search', nulls('metadata values ids status limit offset sort_by sort_order select extract')],
    ['POST', '/threads/count', nulls('metadata values status')],
    ['PATCH', '/threads/{id}', nulls('metadata ttl')],
    ['POST', '/threads/{id}/history', nulls('limit before metadata checkpoint select')],
    ['POST', '/threads/{id}/state', nulls('values as_node checkpoint checkpoint_id')],
    ['POST', '/store/items/search', nulls('namespace_prefix filter limit offset query refresh_ttl')],
    ['POST', '/store/namespaces', nulls('prefix suffix max_depth limit offset')],
    [
      'POST',
      '/threads/{id}/runs/wait',
      nulls(
        'assistant_id:echo input command metadata config context checkpoint checkpoint_id stream_mode stream_subgraphs ' +
          'stream_resumable feedback_keys interrupt_before interrupt_after webhook multitask_strategy if_not_exists ' +
          'after_seconds on_disconnect on_completion durability checkpoint_during langsmith_tracer',
      ),
    ],
  ]

  it.each(bodies)(
    'is taken with null for every optional field, and an unknown key: %s %s',
    async (method, path, body) => {
      const { threadId } = await ground.ranThread()
      const answer = await send(method, path.replace('{id}', threadId), body)
      expect(answer).toEqual({ status: 200, body: answer.body })
    },
  )
})

function bodyFor(path: string): unknown {
  if (path.endsWith('/state/checkpoint')) return { checkpoint: {} }
  if (path.endsWith('/state')) return { values: {}, metadata: {} }
  return { assistant_id: 'echo', schedule: '0 0 1 1 *' }
}

/** `name` becomes null, `name:text` the text. */
function nulls(fields: string): Record<string, unknown> {
  const pairs = fields.split(' ').map((field) => field.split(':'))
  return { nobodyKnows: { a: 1 }, ...Object.fromEntries(pairs.map(([name = '', value]) => [name, value ?? null])) }
}
