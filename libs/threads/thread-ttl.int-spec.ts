import 'reflect-metadata'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { twoSteps } from './graphs.spec.support.js'
import { openThreadsApp, type ThreadsApp, withThreadTtl } from './threads-app.spec.support.js'

const MINUTE = 60_000
const deleted: string[] = []
let refusing: string | null = null
let app: ThreadsApp

beforeAll(async () => {
  app = await openThreadsApp({ graphs: { two: twoSteps }, settings: withThreadTtl(null, { sweepLimit: 4 }) })
  app.bus.inTransaction('thread.deleted', 'spec', (_tx, { threadId }) => {
    if (threadId === refusing) return Promise.reject(new Error('a subscriber failed'))
    deleted.push(threadId)
    return Promise.resolve()
  })
})

afterAll(() => app.close())

beforeEach(async () => {
  deleted.length = 0
  refusing = null
  await app.db.database.query('DELETE FROM threads')
})

async function create(ttl: unknown, rest: object = {}): Promise<string> {
  const { status, body } = await app.request('POST', '/threads', { ttl, ...rest })
  expect(status).toBe(200)
  return (body as { thread_id: string }).thread_id
}

async function ttlOf(threadId: string, from = app): Promise<unknown> {
  return ((await from.request('GET', `/threads/${threadId}?include=ttl`)).body as { ttl: unknown }).ttl
}

const isThere = async (threadId: string) => (await app.request('GET', `/threads/${threadId}`)).status === 200
const inMinutes = (minutes: number) => new Date(app.clock.now().getTime() + minutes * MINUTE).toISOString()

describe('the lifetime of a thread', () => {
  it('is minutes or an object, and shown when asked for', async () => {
    const plain = { strategy: 'delete', ttl_minutes: 1.5, expires_at: inMinutes(1.5) }
    expect(await ttlOf(await create(1.5))).toEqual(plain)
    expect(await ttlOf(await create({ ttl: 1.5 }))).toEqual(plain)
    const kept = { strategy: 'keep_latest', ttl_minutes: 60, expires_at: inMinutes(60) }
    expect(await ttlOf(await create({ ttl: 60, strategy: 'keep_latest' }))).toEqual(kept)
    expect(await ttlOf(await create(null))).toBeNull()
    const { body } = await app.request('GET', `/threads/${await create(5)}`)
    expect(body).not.toHaveProperty('ttl')
  })

  it('begins anew when it is patched, and not when something else is', async () => {
    const id = await create(10)
    const first = await ttlOf(id)
    await app.clock.advance(MINUTE)
    await app.request('PATCH', `/threads/${id}`, { metadata: { a: 1 } })
    expect(await ttlOf(id)).toEqual(first)
    const { body } = await app.request('PATCH', `/threads/${id}`, { ttl: { ttl: 10, strategy: 'keep_latest' } })
    expect(body).toMatchObject({ metadata: { a: 1 }, updated_at: inMinutes(0) })
    expect(await ttlOf(id)).toEqual({ strategy: 'keep_latest', ttl_minutes: 10, expires_at: inMinutes(10) })
  })

  it('is refused where it is none', async () => {
    const id = await create(null)
    expect((await app.request('PATCH', `/threads/${id}`, { ttl: -1 })).status).toBe(422)
    const unknown = await app.request('GET', `/threads/${id}?include=["ttl","runs"]`)
    expect([unknown.status, unknown.body]).toEqual([422, { detail: 'include: unknown field "runs"; one of ttl' }])
  })

  it('is the configured one where none is given, but not for a temporary thread', async () => {
    const settings = withThreadTtl({ strategy: 'keep_latest', minutes: 2 })
    const other = await openThreadsApp({ db: app.db, settings })
    const ttl = { strategy: 'keep_latest', ttl_minutes: 2, expires_at: '2026-01-01T00:02:00.000Z' }
    expect(await ttlOf(await other.insert({}), other)).toEqual(ttl)
    expect(await ttlOf(await other.insert({ temporary: true }), other)).toBeNull()
    const made = (await other.request('POST', '/threads', {})).body as { thread_id: string }
    expect(await ttlOf(made.thread_id, other)).toEqual(ttl)
    const copy = (await other.request('POST', `/threads/${made.thread_id}/copy`)).body as { thread_id: string }
    expect(await ttlOf(copy.thread_id, other)).toEqual(ttl)
    await other.close()
  })
})

describe('the sweep', () => {
  it('deletes threads whose time is over, as DELETE does, and no other', async () => {
    const dead = await create(1, {
      metadata: { graph_id: 'two' },
      supersteps: [{ updates: [{ as_node: 'one', values: {} }] }],
    })
    const alive = await create(3)
    const immortal = await create(null)
    await app.clock.advance(2 * MINUTE)
    expect(await app.sweeper.sweep()).toBe(1)
    expect(deleted).toEqual([dead])
    expect([await isThere(dead), await isThere(alive), await isThere(immortal)]).toEqual([false, true, true])
    const { rows } = await app.db.database.query('SELECT 1 FROM langgraph.checkpoints WHERE thread_id = $1', [dead])
    expect(rows).toEqual([])
    expect(await app.sweeper.sweep()).toBe(0)
  })

  it('keeps the latest state where the strategy says so, again after every lifetime', async () => {
    const step = (as_node: string) => ({ updates: [{ as_node, values: { log: [as_node] } }] })
    const supersteps = [step('one'), step('two')]
    const id = await create({ ttl: 1, strategy: 'keep_latest' }, { metadata: { graph_id: 'two' }, supersteps })
    await app.clock.advance(2 * MINUTE)
    expect(await app.sweeper.sweep()).toBe(1)
    const { body } = await app.request('GET', `/threads/${id}/history`)
    expect(body).toEqual([expect.objectContaining({ values: { log: ['one', 'two'] }, parent_checkpoint: null })])
    expect(await ttlOf(id)).toMatchObject({ expires_at: inMinutes(1) })
    expect(deleted).toEqual([])
    expect(await app.sweeper.sweep()).toBe(0)
    await app.clock.advance(MINUTE)
    expect(await app.sweeper.sweep()).toBe(1)
  })

  it('leaves a busy thread alone until it is idle', async () => {
    const id = await create(1)
    await app.db.database.query(`UPDATE threads SET status = 'busy'`)
    await app.clock.advance(2 * MINUTE)
    expect(await app.sweeper.sweep()).toBe(0)
    await app.db.database.query(`UPDATE threads SET status = 'idle'`)
    expect(await app.sweeper.sweep()).toBe(1)
    expect(await isThere(id)).toBe(false)
  })

  it('takes no more than its limit at once, the oldest first', async () => {
    const ids: string[] = []
    for (const minutes of [5, 4, 3, 2, 1]) ids.unshift(await create(minutes))
    await app.clock.advance(10 * MINUTE)
    expect(await app.sweeper.sweep()).toBe(4)
    expect(deleted).toEqual(ids.slice(0, 4))
    expect(await app.sweeper.sweep()).toBe(1)
  })

  it('passes over a thread that fails', async () => {
    const failing = await create(1)
    const other = await create(2)
    refusing = failing
    await app.clock.advance(10 * MINUTE)
    expect(await app.sweeper.sweep()).toBe(1)
    expect([await isThere(failing), await isThere(other)]).toEqual([true, false])
    refusing = null
    expect(await app.sweeper.sweep()).toBe(1)
  })

  it('stops with the thread in hand', async () => {
    const other = await openThreadsApp({ db: app.db })
    await create(1)
    await other.clock.advance(2 * MINUTE)
    other.sweeper.stop()
    expect(await other.sweeper.sweep()).toBe(0)
    await other.close()
  })
})

describe('sweeps of several processes', () => {
  it('take every thread once', async () => {
    const ids = new Set<string>()
    for (let made = 0; made < 12; made += 1) ids.add(await create(1))
    await app.clock.advance(2 * MINUTE)
    const swept = await Promise.all(Array.from({ length: 4 }, () => app.sweeper.sweep()))
    expect(swept.reduce((sum, one) => sum + one)).toBe(12)
    expect(deleted).toHaveLength(12)
    expect(new Set(deleted)).toEqual(ids)
  })
})
