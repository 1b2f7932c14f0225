import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Authorization } from '#auth'
import { newId } from '#kernel'
import { asking, twoSteps } from './graphs.spec.support.js'
import { openThreadsApp, type ThreadsApp } from './threads-app.spec.support.js'

const deleted: string[] = []
let app: ThreadsApp

beforeAll(async () => {
  app = await openThreadsApp({ graphs: { two: twoSteps, asking } })
  app.bus.afterCommit('thread.deleted', 'spec', ({ threadId }) => void deleted.push(threadId))
})

afterAll(() => app.close())

beforeEach(() => {
  deleted.length = 0
})

afterEach(() => void vi.restoreAllMocks())

/** A thread with two checkpoints, waiting for `two`. */
async function create(metadata: object = {}): Promise<string> {
  const step = (as_node: string) => ({ updates: [{ as_node, values: { log: [as_node] } }] })
  const payload = { metadata: { graph_id: 'two', ...metadata }, supersteps: [step('two'), step('one')] }
  const { body } = await app.request('POST', '/threads', payload)
  return (body as { thread_id: string }).thread_id
}

async function read(path: string): Promise<unknown> {
  return (await app.request('GET', `/threads/${path}`)).body
}

const statesOf = async (id: string) => (await read(`${id}/history`)) as object[]

describe('POST /threads/{thread_id}/copy', () => {
  it('makes an idle thread with the metadata, the values and the history of the source', async () => {
    const source = await create({ owner: 'ann' })
    await app.clock.advance(1_000)
    const { status, body } = await app.request('POST', `/threads/${source}/copy`)
    const copy = body as { thread_id: string }
    expect(status).toBe(200)
    expect(copy.thread_id).not.toBe(source)
    const now = app.clock.now().toISOString()
    const own = { thread_id: copy.thread_id, status: 'idle', created_at: now, updated_at: now, state_updated_at: now }
    expect(copy).toEqual({ ...((await read(source)) as object), ...own })
    expect(await read(copy.thread_id)).toEqual(copy)
    const renamed = JSON.stringify(await statesOf(source)).replaceAll(source, copy.thread_id)
    expect(await statesOf(copy.thread_id)).toEqual(JSON.parse(renamed))
  })

  it('copies no runs, and both go their own ways', async () => {
    const source = await create()
    const copy = (await app.request('POST', `/threads/${source}/copy`)).body as { thread_id: string }
    await app.request('POST', `/threads/${copy.thread_id}/state`, { values: { log: ['c'] }, as_node: 'two' })
    expect(await read(copy.thread_id)).toMatchObject({ values: { log: ['two', 'one', 'c'] } })
    expect(await read(source)).toMatchObject({ values: { log: ['two', 'one'] } })
    await app.request('DELETE', `/threads/${source}`)
    expect(await statesOf(copy.thread_id)).toHaveLength(3)
  })

  it('answers 409 for an unknown thread', async () => {
    const { status, body } = await app.request('POST', `/threads/${newId()}/copy`)
    expect([status, body]).toEqual([409, { detail: 'Thread not found' }])
  })
})

describe('POST /threads/prune', () => {
  const prune = (payload: object) => app.request('POST', '/threads/prune', payload)

  it('deletes by default, and passes over unknown ids', async () => {
    const [one, other, left] = [await create(), await create(), await create()]
    const { status, body } = await prune({ thread_ids: [one, newId(), other.toUpperCase(), one] })
    expect([status, body]).toEqual([200, { pruned_count: 2 }])
    expect(deleted.toSorted()).toEqual([one, other].toSorted())
    expect((await app.request('GET', `/threads/${one}`)).status).toBe(404)
    expect((await app.request('GET', `/threads/${left}`)).status).toBe(200)
  })

  it('keeps the latest state', async () => {
    const id = await create()
    const [latest] = await statesOf(id)
    expect((await prune({ thread_ids: [id], strategy: 'keep_latest' })).body).toEqual({ pruned_count: 1 })
    expect(await statesOf(id)).toEqual([{ ...latest, parent_checkpoint: null }])
    expect(deleted).toEqual([])
    const next = await app.request('POST', `/threads/${id}/state`, { values: { log: ['c'] }, as_node: 'two' })
    expect(next.status).toBe(200)
    expect(await read(id)).toMatchObject({ values: { log: ['two', 'one', 'c'] } })
  })

  it('does not count a busy thread whose latest state is to be kept', async () => {
    const id = await create()
    await app.db.database.query(`UPDATE threads SET status = 'busy' WHERE thread_id = $1`, [id])
    expect((await prune({ thread_ids: [id], strategy: 'keep_latest' })).body).toEqual({ pruned_count: 0 })
    expect(await statesOf(id)).toHaveLength(2)
  })

  it('does nothing for no ids', async () => {
    expect((await prune({ thread_ids: [] })).body).toEqual({ pruned_count: 0 })
  })

  it.each([
    [{}, 'thread_ids: must be an array'],
    [{ thread_ids: ['x'] }, 'Invalid thread ID: must be a UUID'],
    [{ thread_ids: [], strategy: 'archive' }, 'strategy: must be one of the following values: delete, keep_latest'],
  ])('refuses %j', async (payload, detail) => {
    const { status, body } = await prune(payload)
    expect([status, body]).toEqual([422, { detail }])
  })
})

it('a copy has the metadata that a handler leaves, without what it takes away, and with what has come meanwhile', async () => {
  const id = await create({ owner: 'ann', secret: 'of ann' })
  vi.spyOn(Authorization.prototype, 'ask').mockImplementation(async (event, value) => {
    if (event === 'threads:create') {
      value['metadata'] = { graph_id: 'two', owner: 'bob' }
      await app.request('PATCH', `/threads/${id}`, { metadata: { topic: 'tea' } })
    }
    return null
  })
  const { body } = await app.request('POST', `/threads/${id}/copy`)
  expect(body).toMatchObject({ metadata: { graph_id: 'two', owner: 'bob', topic: 'tea' } })
  expect(JSON.stringify(body)).not.toContain('of ann')
})

describe('a thread that becomes another’s while its handler is asked', () => {
  /** Ann sees her own; at the `nth` question the thread goes over to Bob. */
  function goesOver(threadId: string, nth: number): void {
    let questions = 0
    vi.spyOn(Authorization.prototype, 'ask').mockImplementation(async () => {
      questions += 1
      if (questions === nth) {
        await app.db.database.query(`UPDATE threads SET metadata = '{"owner":"bob"}' WHERE thread_id = $1`, [threadId])
      }
      return { op: 'eq', key: 'owner', value: 'ann' }
    })
  }

  it('is not copied', async () => {
    const id = await create({ owner: 'ann' })
    goesOver(id, 2)
    expect((await app.request('POST', `/threads/${id}/copy`)).status).toBe(409)
  })

  it('is not pruned', async () => {
    const [id, other] = [await create({ owner: 'ann' }), await create({ owner: 'ann' })]
    goesOver(id, 2)
    expect((await app.request('POST', '/threads/prune', { thread_ids: [id, other] })).body).toEqual({ pruned_count: 1 })
    expect(deleted).toEqual([other])
  })
})
