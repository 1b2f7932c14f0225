import 'reflect-metadata'
import { DataSource } from 'typeorm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataSourceOptions, type QueryResult, type Transaction } from '#database'
import { newId } from '#kernel'
import { openTestDatabase, type TestDatabase } from '#testing'
import { Thread, THREAD_ENTITIES, ThreadsRepository } from './index.js'
import { ThreadExpiryRepository } from './thread-expiry.repository.js'
import { withThreadTtl } from './threads-app.spec.support.js'
import type { NewThread, SettledThread } from './threads.repository.js'

const BORN = new Date('2026-01-01T00:00:00.000Z')
const LATER = new Date('2026-01-02T00:00:00.000Z')

let db: TestDatabase
const threads = new ThreadsRepository(withThreadTtl(null))

beforeAll(async () => {
  db = await openTestDatabase()
})

afterAll(() => db.close())

async function insert(changes: Partial<NewThread> = {}): Promise<string> {
  const threadId = newId()
  const blank = { threadId, status: 'idle' as const, metadata: {}, config: {}, temporary: false, now: BORN }
  await threads.insertIfAbsent(db.database, { ...blank, ...changes })
  return threadId
}

function inTransaction<Result>(work: (tx: Transaction) => Promise<Result> | Result): Promise<Result> {
  return db.unitOfWork.run(work)
}

function settle(threadId: string, changes: Partial<SettledThread>): Promise<void> {
  const status = { status: 'idle' as const, settledStatus: 'idle' as const }
  const blank = { ...status, valuesJson: null, interruptsJson: null, error: null, now: LATER }
  return inTransaction((tx) => threads.settle(tx, threadId, { ...blank, ...changes }))
}

describe('insertIfAbsent', () => {
  it('returns the row, and null for an id that is taken', async () => {
    const thread = { threadId: newId(), status: 'idle' as const, metadata: { a: 1 }, config: {}, temporary: false }
    const row = await threads.insertIfAbsent(db.database, { ...thread, now: BORN })
    expect(row).toEqual({
      ...thread,
      settledStatus: 'idle',
      values: null,
      interrupts: {},
      error: null,
      ttlMinutes: null,
      ttlStrategy: null,
      expiresAt: null,
      createdAt: BORN,
      updatedAt: BORN,
      stateUpdatedAt: BORN,
    })
    expect(await threads.insertIfAbsent(db.database, { ...thread, metadata: { a: 2 }, now: LATER })).toBeNull()
    expect(await threads.find(db.database, thread.threadId)).toEqual(row)
  })

  it('stores what PostgreSQL could not hold, mended', async () => {
    const threadId = await insert({ metadata: { text: 'a\u0000b\ud800' } })
    expect((await threads.find(db.database, threadId))?.metadata).toEqual({ text: 'a\uFFFDb\uFFFD' })
  })
})

describe('lock', () => {
  it('finds the thread, or null', async () => {
    const threadId = await insert()
    const [found, missing] = await inTransaction(async (tx) => [
      await threads.lock(tx, threadId),
      await threads.lock(tx, newId()),
    ])
    expect(await threads.find(db.database, threadId)).toMatchObject(found ?? { threadId: 'missing' })
    expect(found).toMatchObject({ threadId, status: 'idle', settledStatus: 'idle', temporary: false })
    expect(missing).toBeNull()
  })
})

describe('markBusy', () => {
  it('adds graph and assistant to the metadata and takes the merged config', async () => {
    const threadId = await insert({ metadata: { owner: 'ann', graph_id: 'old' } })
    const assistantId = newId()
    const config = { configurable: { model: 'm' } }
    await inTransaction((tx) => threads.markBusy(tx, threadId, { graphId: 'agent', assistantId, config, now: LATER }))
    expect(await threads.find(db.database, threadId)).toMatchObject({
      status: 'busy',
      metadata: { owner: 'ann', graph_id: 'agent', assistant_id: assistantId },
      config,
      createdAt: BORN,
      updatedAt: LATER,
      stateUpdatedAt: BORN,
    })
  })
})

describe('settle', () => {
  it('stores the state and the status', async () => {
    const threadId = await insert({ status: 'busy' })
    const interrupts = { task: [{ id: 'i', value: 1 }] }
    const interruptsJson = JSON.stringify(interrupts)
    await settle(threadId, { status: 'interrupted', valuesJson: '{"messages":["a"]}', interruptsJson })
    expect(await threads.find(db.database, threadId)).toMatchObject({
      status: 'interrupted',
      values: { messages: ['a'] },
      interrupts,
      error: null,
      updatedAt: LATER,
      stateUpdatedAt: LATER,
    })
  })

  it('keeps values and interrupts when there is no state to take them from', async () => {
    const threadId = await insert({ status: 'busy' })
    await settle(threadId, { valuesJson: '{"a":1}', interruptsJson: '{"t":[]}', now: BORN })
    await settle(threadId, { status: 'error', error: { error: 'TypeError', message: 'no\u0000' } })
    expect(await threads.find(db.database, threadId)).toMatchObject({
      status: 'error',
      values: { a: 1 },
      interrupts: { t: [] },
      error: { error: 'TypeError', message: 'no\uFFFD' },
      updatedAt: LATER,
      stateUpdatedAt: BORN,
    })
  })

  it('remembers what it settled to while another run keeps it busy', async () => {
    const threadId = await insert({ status: 'busy' })
    await settle(threadId, { status: 'busy', settledStatus: 'interrupted' })
    expect(await threads.find(db.database, threadId)).toMatchObject({ status: 'busy', settledStatus: 'interrupted' })
  })

  it('forgets the error of an earlier run', async () => {
    const threadId = await insert({ status: 'busy' })
    await settle(threadId, { status: 'error', error: { error: 'TypeError', message: 'no' } })
    await settle(threadId, { status: 'idle', valuesJson: '{}' })
    expect(await threads.find(db.database, threadId)).toMatchObject({ status: 'idle', error: null })
  })
})

describe('delete', () => {
  it('takes the thread away, and nothing where there is none', async () => {
    const [threadId, other] = [await insert(), await insert()]
    await inTransaction((tx) => threads.delete(tx, threadId))
    await inTransaction((tx) => threads.delete(tx, threadId))
    expect(await threads.find(db.database, other)).not.toBeNull()
    expect(await threads.find(db.database, threadId)).toBeNull()
  })
})

describe('an index of a filled table', () => {
  beforeAll(async () => {
    await db.database.query(
      `INSERT INTO threads (thread_id, metadata, created_at, updated_at, state_updated_at, expires_at, ttl_minutes, ttl_strategy)
       SELECT gen_random_uuid(), jsonb_build_object('owner', 'o' || n), $1::timestamptz + n * interval '1 s', $1, $1,
         CASE WHEN n % 100 = 0 THEN $1::timestamptz END, CASE WHEN n % 100 = 0 THEN 1 END,
         CASE WHEN n % 100 = 0 THEN 'delete' END
       FROM generate_series(1, 20000) n`,
      [BORN],
    )
    await db.database.query('ANALYZE threads')
  })

  /** How PostgreSQL would go about the first statement of `work`. */
  async function planOf(work: (q: Transaction) => Promise<unknown>): Promise<string> {
    return inTransaction(async (tx) => {
      const lines: string[] = []
      const query = async <Row>(sql: string, parameters?: readonly unknown[]): Promise<QueryResult<Row>> => {
        const { rows } = await tx.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, parameters)
        lines.push(...rows.map((row) => row['QUERY PLAN']))
        return { rows: [], affected: 0 }
      }
      await work({ query } as Transaction)
      return lines.join('\n')
    })
  }

  const filter = { metadata: { owner: 'o77' }, values: null, status: null, ids: null, visibility: null }
  const page = { limit: 10, offset: 0 }

  it('serves a search by metadata', async () => {
    const order = { by: 'created_at', direction: 'desc' } as const
    const plan = await planOf((q) => threads.search(q, filter, order, page))
    expect(plan).toContain('threads_metadata')
    expect(plan).not.toContain('Seq Scan')
  })

  it('serves a count by metadata', async () => {
    const plan = await planOf((q) => threads.count(q, filter))
    expect(plan).toContain('threads_metadata')
    expect(plan).not.toContain('Seq Scan')
  })

  it('serves a search of the newest without a sort', async () => {
    const order = { by: 'created_at', direction: 'desc' } as const
    const plan = await planOf((q) => threads.search(q, { ...filter, metadata: null }, order, page))
    expect(plan).toContain('threads_newest')
    expect(plan).not.toContain('Sort')
  })

  it('serves the sweep', async () => {
    const plan = await planOf((q) => new ThreadExpiryRepository().claim(q, { now: LATER, except: [] }))
    expect(plan).toContain('threads_expiring')
  })
})

describe('Thread', () => {
  it('maps the table to TypeORM as the repository does', async () => {
    const threadId = await insert({ metadata: { a: 1 } })
    await settle(threadId, { status: 'error', valuesJson: '[1]', error: { error: 'E', message: 'm' } })
    const mapped = await new DataSource({ ...dataSourceOptions(db.pool), entities: THREAD_ENTITIES }).initialize()
    // Not destroyed: that would end the pool, which belongs to the test database.
    const entity = await mapped.manager.findOneByOrFail(Thread, { threadId })
    expect(entity).toEqual(await threads.find(db.database, threadId))
  })
})
