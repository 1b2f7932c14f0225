import 'reflect-metadata'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ThreadState } from '#graphs'
import { newId } from '#kernel'
import { Gate } from '#testing'
import { gated, twoSteps } from './graphs.spec.support.js'
import { openThreadsApp, type ThreadsApp } from './threads-app.spec.support.js'

const gates: Gate[] = []
const told: string[] = []
let app: ThreadsApp

beforeAll(async () => {
  app = await openThreadsApp({ graphs: { two: twoSteps, gated: gated(gates) } })
  app.bus.afterCommit('thread.stateUpdated', 'spec', ({ threadId }) => void told.push(threadId))
})

afterAll(() => app.close())

beforeEach(async () => {
  told.length = 0
  await app.db.database.query('DELETE FROM threads')
  await app.db.database.query('DELETE FROM langgraph.checkpoints')
})

const metadata = { graph_id: 'two' }
const as = (as_node: string, word: string) => ({ updates: [{ as_node, values: { log: [word] } }] })

async function checkpoints(): Promise<number> {
  return (await app.db.database.query('SELECT 1 FROM langgraph.checkpoints')).rows.length
}

describe('POST /threads with supersteps', () => {
  it('makes the thread with its state', async () => {
    const supersteps = [
      as('one', 'a'),
      { updates: [{ as_node: 'two', values: null, command: { update: { log: ['b'] } } }] },
    ]
    const { status, body } = await app.request('POST', '/threads', { metadata, supersteps })
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'idle', metadata, values: { log: ['a', 'b'] }, config: {} })
    const { thread_id } = body as { thread_id: string }
    const history = (await app.request('GET', `/threads/${thread_id}/history`)).body as ThreadState[]
    expect(history.map(({ values, next }) => ({ values, next }))).toEqual([
      { values: { log: ['a', 'b'] }, next: [] },
      { values: { log: ['a'] }, next: ['two'] },
    ])
    expect(told).toEqual([thread_id])
  })

  it('is interrupted when something is next; parallel writes make one checkpoint', async () => {
    const { updates } = as('one', 'a')
    const supersteps = [{ updates: [...updates, ...updates] }]
    const { body } = await app.request('POST', '/threads', { metadata, supersteps })
    expect(body).toMatchObject({ status: 'interrupted', values: { log: ['a', 'a'] } })
    expect(await checkpoints()).toBe(1)
  })

  it('takes none for no supersteps', async () => {
    const { status, body } = await app.request('POST', '/threads', { supersteps: [] })
    expect([status, body]).toEqual([200, expect.objectContaining({ values: null, status: 'idle' })])
    expect(told).toEqual([])
  })

  it.each([
    [400, { supersteps: [as('one', 'a')] }, 'has no graph ID'],
    [404, { metadata: { graph_id: 'gone' }, supersteps: [as('one', 'a')] }, 'Graph "gone" not found'],
    [422, { metadata, supersteps: [as('one', 'a'), as('nobody', 'b')] }, 'Node "nobody" does not exist'],
  ])('answers %i and leaves nothing behind: %j', async (expected, payload, detail) => {
    const thread_id = newId()
    const { status, body } = await app.request('POST', '/threads', { ...payload, thread_id })
    expect([status, (body as { detail: string }).detail]).toEqual([expected, expect.stringContaining(detail)])
    expect((await app.request('GET', `/threads/${thread_id}`)).status).toBe(404)
    expect(await checkpoints()).toBe(0)
  })

  it('applies them to a new thread only', async () => {
    const first = { thread_id: newId(), metadata, supersteps: [as('one', 'a')] }
    const { body } = await app.request('POST', '/threads', first)
    expect((await app.request('POST', '/threads', first)).status).toBe(409)
    const again = await app.request('POST', '/threads', { ...first, if_exists: 'do_nothing' })
    expect([again.status, again.body]).toEqual([200, body])
    expect(await checkpoints()).toBe(1)
  })

  it('leaves alone a thread that was made by somebody else meanwhile', async () => {
    const gate = new Gate()
    gates.push(gate)
    const request = { thread_id: newId(), metadata: { graph_id: 'gated' }, supersteps: [as('one', 'mine')] }
    const slow = app.request('POST', '/threads', request)
    while (gates.length > 0) await app.clock.advance(0)
    const fast = await app.request('POST', '/threads', { thread_id: request.thread_id })
    gate.open()
    expect((await slow).body).toEqual({ detail: 'Thread already exists' })
    expect((await app.request('GET', `/threads/${request.thread_id}`)).body).toEqual(fast.body)
    expect(await checkpoints()).toBe(0)
  })
})
