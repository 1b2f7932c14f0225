import 'reflect-metadata'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ThreadState } from '#graphs'
import { newId } from '#kernel'
import { Gate } from '#testing'
import { asking, gated, twoSteps } from './graphs.spec.support.js'
import { ThreadsRepository } from './index.js'
import { openThreadsApp, type ThreadsApp, withThreadTtl } from './threads-app.spec.support.js'
import type { UpdateAnswer } from './update-answer.js'

const threads = new ThreadsRepository(withThreadTtl(null))
const gates: Gate[] = []
const told: string[] = []
let app: ThreadsApp

beforeAll(async () => {
  app = await openThreadsApp({ graphs: { two: twoSteps, asking, gated: gated(gates) } })
  app.bus.afterCommit('thread.stateUpdated', 'spec', ({ threadId }) => void told.push(threadId))
})

afterAll(() => app.close())

beforeEach(() => {
  told.length = 0
})

const insert = (graphId = 'two') => app.insert({ metadata: { graph_id: graphId } })

async function post(threadId: string, payload: object): Promise<UpdateAnswer> {
  const { status, body } = await app.request('POST', `/threads/${threadId}/state`, payload)
  expect([status, body]).toEqual([200, expect.anything()])
  return body as UpdateAnswer
}

async function stateOf(threadId: string): Promise<ThreadState> {
  return (await app.request('GET', `/threads/${threadId}/state`)).body as ThreadState
}

async function thread(threadId: string): Promise<unknown> {
  return (await app.request('GET', `/threads/${threadId}`)).body
}

/** As the insertion of a run does it, and its end. */
const occupy = (threadId: string) =>
  app.db.unitOfWork.run((tx) =>
    threads.markBusy(tx, threadId, { graphId: 'gated', assistantId: newId(), config: {}, now: app.clock.now() }),
  )
const release = (threadId: string) => {
  const settled = { status: 'idle', settledStatus: 'idle', valuesJson: '{"by":"run"}', interruptsJson: '{}' } as const
  return app.db.unitOfWork.run((tx) => threads.settle(tx, threadId, { ...settled, error: null, now: app.clock.now() }))
}

describe('POST /threads/{thread_id}/state', () => {
  it('writes a checkpoint and answers with its address in every client’s form', async () => {
    const threadId = await insert()
    const answer = await post(threadId, { values: { log: ['a'] }, as_node: 'one' })
    const { checkpoint } = await stateOf(threadId)
    const address = { thread_id: threadId, checkpoint_ns: '', checkpoint_id: checkpoint?.checkpoint_id }
    expect(answer).toEqual({ checkpoint: address, configurable: address, checkpoint_id: checkpoint?.checkpoint_id })
  })

  it('leaves values, status and times on the thread, and tells it', async () => {
    const threadId = await insert()
    await app.clock.advance(1_000)
    await post(threadId, { values: { log: ['a'] }, as_node: 'one' })
    const now = app.clock.now().toISOString()
    expect(await thread(threadId)).toMatchObject({
      status: 'interrupted',
      values: { log: ['a'] },
      interrupts: {},
      state_updated_at: now,
      updated_at: now,
    })
    await post(threadId, { values: { log: ['b'] }, as_node: 'two' })
    expect(await thread(threadId)).toMatchObject({ status: 'idle', values: { log: ['a', 'b'] } })
    expect(told).toEqual([threadId, threadId])
  })

  it('forgets the error of the last run', async () => {
    const threadId = await insert()
    const error = { error: 'E', message: 'm' }
    const failed = { status: 'error', settledStatus: 'error', valuesJson: null, interruptsJson: null } as const
    await app.db.unitOfWork.run((tx) => threads.settle(tx, threadId, { ...failed, error, now: app.clock.now() }))
    await post(threadId, { values: {}, as_node: 'two' })
    expect(await thread(threadId)).toMatchObject({ status: 'idle', error: null })
  })

  it('writes on a checkpoint, named by its id or by an object, which wins', async () => {
    const threadId = await insert()
    const first = await post(threadId, { values: { log: ['a'] }, as_node: 'one' })
    const second = await post(threadId, { values: { log: ['b'] }, as_node: 'two' })
    await post(threadId, { values: { log: ['c'] }, as_node: 'two', checkpoint_id: first.checkpoint_id })
    expect((await stateOf(threadId)).values).toEqual({ log: ['a', 'c'] })
    const checkpoint = { checkpoint_id: second.checkpoint_id }
    await post(threadId, { values: { log: ['d'] }, as_node: 'two', checkpoint, checkpoint_id: first.checkpoint_id })
    expect(await stateOf(threadId)).toMatchObject({
      values: { log: ['a', 'b', 'd'] },
      parent_checkpoint: { checkpoint_id: second.checkpoint_id },
    })
  })

  it('clears what is next by null, and forks by __copy__', async () => {
    const threadId = await insert()
    const first = await post(threadId, { values: { log: ['a'] }, as_node: 'one' })
    await post(threadId, { values: null, as_node: '__end__' })
    expect(await thread(threadId)).toMatchObject({ status: 'idle', values: { log: ['a'] } })
    await post(threadId, { values: null, as_node: '__copy__', checkpoint_id: first.checkpoint_id })
    expect(await thread(threadId)).toMatchObject({ status: 'interrupted' })
    expect(await stateOf(threadId)).toMatchObject({ next: ['two'], metadata: { source: 'fork' } })
  })

  it('works on 30 at once: every one is written', async () => {
    const threadId = await insert()
    const words = Array.from({ length: 30 }, (_, index) => `w${index}`)
    await Promise.all(words.map((word) => post(threadId, { values: { log: [word] }, as_node: 'two' })))
    const { values } = await stateOf(threadId)
    expect((values as { log: string[] }).log.toSorted()).toEqual(words.toSorted())
  })
})

describe('an update that cannot be done', () => {
  it.each(['GET', 'POST'] as const)('answers 404 to %s for an unknown thread', async (method) => {
    const id = newId()
    const answer = await app.request(method, `/threads/${id}/state`, method === 'POST' ? { values: {} } : undefined)
    expect([answer.status, answer.body]).toEqual([404, { detail: `Thread with ID ${id} not found` }])
  })

  it('answers 409 while a run is in flight, and writes nothing', async () => {
    const threadId = await insert()
    await occupy(threadId)
    const { status, body } = await app.request('POST', `/threads/${threadId}/state`, { values: {}, as_node: 'one' })
    expect([status, body]).toEqual([409, { detail: 'Thread is busy' }])
    expect((await stateOf(threadId)).checkpoint).toBeNull()
    expect(told).toEqual([])
  })

  it('answers 400 where no graph is known, and 404 where it is not configured', async () => {
    const none = await app.insert({})
    const noGraph = await app.request('POST', `/threads/${none}/state`, { values: {} })
    expect([noGraph.status, noGraph.body]).toEqual([400, { detail: `Thread ${none} has no graph ID` }])
    const unknown = await app.request('POST', `/threads/${await insert('gone')}/state`, { values: {} })
    expect([unknown.status, unknown.body]).toEqual([404, { detail: 'Graph "gone" not found' }])
  })

  it.each([
    [{ values: 'x' }, 'values: must be an object, a list of objects or null'],
    [{ values: [1] }, 'values: must be an object, a list of objects or null'],
    [{ as_node: 3 }, 'as_node: must be a string'],
    [{ checkpoint: 'x' }, 'checkpoint: must be an object'],
    [{ checkpoint: { checkpoint_ns: 3 } }, 'checkpoint.checkpoint_ns: must be a string'],
    [{ checkpoint_id: 'x' }, 'Invalid checkpoint ID: must be a UUID'],
    [{ values: {}, as_node: 'nobody' }, 'The state cannot be updated: Node "nobody" does not exist'],
    [{ values: {}, checkpoint: { checkpoint_ns: 'a\u0000:1' } }, 'The state cannot be updated: Subgraph'],
  ])('refuses %j', async (payload, detail) => {
    const threadId = await insert()
    const { status, body } = await app.request('POST', `/threads/${threadId}/state`, payload)
    expect([status, (body as { detail: string }).detail]).toEqual([422, expect.stringContaining(detail)])
    expect(await thread(threadId)).toMatchObject({ status: 'idle', values: null })
  })
})

describe('an update racing with a run', () => {
  /** Starts an update that stands at a gate in the user's graph. */
  async function startAtGate(threadId: string) {
    const gate = new Gate()
    gates.push(gate)
    const update = app.request('POST', `/threads/${threadId}/state`, { values: { log: ['mine'] }, as_node: 'one' })
    while (gates.length > 0) await app.clock.advance(0)
    return { gate, update }
  }

  it('is refused when the run is still in flight at the end', async () => {
    const threadId = await insert('gated')
    const { gate, update } = await startAtGate(threadId)
    await occupy(threadId)
    gate.open()
    expect((await update).body).toEqual({ detail: 'Thread is busy' })
    expect(await thread(threadId)).toMatchObject({ status: 'busy', values: null })
  })

  it('is worked out again on what a run has left that came and went meanwhile', async () => {
    const threadId = await insert('gated')
    await post(threadId, { values: { log: ['before'] }, as_node: 'one' })
    const { gate, update } = await startAtGate(threadId)
    await occupy(threadId)
    const runs = await openThreadsApp({ graphs: { gated: gated([]) }, db: app.db })
    const asRun = await release(threadId).then(() =>
      runs.request('POST', `/threads/${threadId}/state`, { values: { log: ['by the run'] }, as_node: 'one' }),
    )
    await runs.close()
    expect(asRun.status).toBe(200)
    gate.open()
    expect((await update).status).toBe(200)
    expect(await thread(threadId)).toMatchObject({ values: { log: ['before', 'by the run', 'mine'] } })
  })

  it('finds that the thread has gone', async () => {
    const threadId = await insert('gated')
    const { gate, update } = await startAtGate(threadId)
    await app.request('DELETE', `/threads/${threadId}`)
    gate.open()
    expect((await update).status).toBe(404)
    const { rows } = await app.db.database.query('SELECT 1 FROM langgraph.checkpoints WHERE thread_id = $1', [threadId])
    expect(rows).toEqual([])
  })
})

describe('PATCH /threads/{thread_id}/state', () => {
  it('merges into the latest checkpoint’s metadata and answers 204', async () => {
    const threadId = await insert()
    await post(threadId, { values: { log: ['a'] }, as_node: 'one' })
    const before = await stateOf(threadId)
    const { status, body } = await app.request('PATCH', `/threads/${threadId}/state`, {
      metadata: { note: 1, step: 9 },
    })
    expect([status, body]).toEqual([204, ''])
    expect((await stateOf(threadId)).metadata).toEqual({ ...before.metadata, note: 1 })
  })

  it('answers 404 without a thread or a checkpoint, and 422 without metadata', async () => {
    for (const id of [newId(), await insert()]) {
      const { status, body } = await app.request('PATCH', `/threads/${id}/state`, { metadata: {} })
      expect([status, body]).toEqual([404, { detail: `Thread with ID ${id} not found` }])
    }
    expect((await app.request('PATCH', `/threads/${newId()}/state`, {})).status).toBe(422)
  })
})

describe('reading with a real graph', () => {
  it('selects parts of a state, in a query in both dialects and in a body', async () => {
    const threadId = await insert('asking')
    await post(threadId, { values: { log: ['a'] }, as_node: '__start__' })
    const whole = await stateOf(threadId)
    expect(whole).toMatchObject({ next: ['ask'], values: { log: ['a'] } })
    const wanted = { values: { log: ['a'] }, next: ['ask'] }
    for (const query of ['select=values.log&select=next', 'select=["values.log","next"]', 'select=values.log,next']) {
      expect((await app.request('GET', `/threads/${threadId}/state?${query}`)).body).toEqual(wanted)
    }
    const atId = `/threads/${threadId}/state/${whole.checkpoint?.checkpoint_id}?select=next&select=values.other`
    expect((await app.request('GET', atId)).body).toEqual({ next: ['ask'], values: {} })
    const payload = { checkpoint: {}, select: ['values', 'values.log', 'checkpoint'] }
    const { body } = await app.request('POST', `/threads/${threadId}/state/checkpoint`, payload)
    expect(body).toEqual({ values: whole.values, checkpoint: whole.checkpoint })
    const refused = await app.request('GET', `/threads/${threadId}/state?select=nothing`)
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([
      422,
      expect.stringContaining('"nothing\\"; one of'),
    ])
  })
})
