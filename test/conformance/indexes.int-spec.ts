import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Settings } from '#config'
import type { Queryable, QueryResult, Transaction } from '#database'
import { TEST_DATABASE, openTestDatabase, type TestDatabase } from '#testing'
import type { VisibleAssistants } from '../../libs/assistants/assistant-filter.js'
import { AssistantsRepository } from '../../libs/assistants/assistants.repository.js'
import type { VisibleCrons } from '../../libs/crons/cron-filter.js'
import { CronsRepository } from '../../libs/crons/crons.repository.js'
import { DueCronsRepository } from '../../libs/crons/due-crons.repository.js'
import { StoreRepository } from '../../libs/store/store.repository.js'
import { ThreadExpiryRepository } from '../../libs/threads/thread-expiry.repository.js'
import type { VisibleThreads } from '../../libs/threads/thread-filter.js'
import { ThreadsRepository } from '../../libs/threads/threads.repository.js'

const ROWS = 20_000
const now = new Date('2026-01-01T00:00:00.000Z')

const FILL = [
  `INSERT INTO assistants (assistant_id, graph_id, name, metadata, created_at, updated_at)
   SELECT gen_random_uuid(), 'g' || n % 500, 'a' || n, jsonb_build_object('n', n, 'half', n % 2), now(), now()
   FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO threads (thread_id, status, metadata, "values", ttl_minutes, ttl_strategy, expires_at, created_at,
                        updated_at, state_updated_at)
   SELECT gen_random_uuid(), CASE n % 10 WHEN 0 THEN 'interrupted' WHEN 1 THEN 'error' ELSE 'idle' END,
     jsonb_build_object('n', n), jsonb_build_object('n', n), 1, 'delete', timestamptz '2030-01-01' + n * interval '1 second',
     timestamptz '2025-01-01' + n / 100 * interval '1 second', now(), now()
   FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO crons (cron_id, assistant_id, thread_id, schedule, next_run_date, enabled, payload, metadata, created_at,
                      updated_at)
   SELECT gen_random_uuid(), a.assistant_id, t.thread_id, '* * * * *', timestamptz '2030-01-01' + n * interval '1 second',
     true, '{}', jsonb_build_object('n', n), timestamptz '2025-01-01' + n / 100 * interval '1 second', now()
   FROM (SELECT assistant_id, row_number() OVER () AS n FROM assistants) a
   JOIN (SELECT thread_id, row_number() OVER () AS n FROM threads) t USING (n)`,
  `INSERT INTO store_items (namespace, key, value, expires_at, created_at, updated_at)
   SELECT 'users.u' || n % 1000 || '.', 'k' || n, jsonb_build_object('n', n),
     timestamptz '2030-01-01' + n * interval '1 second', now(), now()
   FROM generate_series(1, ${ROWS}) n`,
  'ANALYZE',
]

const SKIPPED = 'plans are looked at on PostgreSQL only: set SIGNALBOX_TEST_DATABASE=postgres'
const title = `statements over big tables${TEST_DATABASE === 'postgres' ? '' : ` (${SKIPPED})`}`

describe.skipIf(TEST_DATABASE !== 'postgres')(title, () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await openTestDatabase()
    for (const statement of FILL) await db.database.query(statement)
  })
  afterAll(() => db.close())

  /** The plans of all statements that the work sends; nothing is executed. */
  async function plansOf(work: (q: Transaction) => Promise<unknown>): Promise<string> {
    const plans: string[] = []
    const explaining: Queryable = {
      async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult<Row>> {
        const { rows } = await db.database.query<Record<string, string>>(`EXPLAIN ${sql}`, parameters)
        plans.push(...rows.map((row) => row['QUERY PLAN'] ?? ''))
        return { rows: [], affected: 0 }
      },
    }
    await work(explaining as Transaction)
    return plans.join('\n')
  }

  const assistants = new AssistantsRepository()
  const threads = new ThreadsRepository({ threadTtl: { default: null } } as Settings)
  const expiry = new ThreadExpiryRepository()
  const store = new StoreRepository()
  const crons = new CronsRepository()
  const due = new DueCronsRepository()
  const page = { limit: 10, offset: 0 }
  const newest = { by: 'created_at', direction: 'desc' } as const
  const anyAssistant: VisibleAssistants = { metadata: null, graphId: null, name: null, visibility: null }
  const anyThread: VisibleThreads = { metadata: null, values: null, status: null, ids: null, visibility: null }
  const anyCron: VisibleCrons = { assistantId: null, threadId: null, enabled: null, metadata: null, visibility: null }
  const anyItem = { prefix: '', filter: {}, limit: 10, offset: 0 }

  it.each<[string, (q: Transaction) => Promise<unknown>]>([
    ['assistants, newest', (q) => assistants.search(q, anyAssistant, newest, page)],
    ['assistants by metadata', (q) => assistants.search(q, { ...anyAssistant, metadata: { n: 7 } }, newest, page)],
    ['assistants counted by metadata', (q) => assistants.count(q, { ...anyAssistant, metadata: { n: 7 } })],
    ['assistants of a graph', (q) => assistants.search(q, { ...anyAssistant, graphId: 'g7' }, newest, page)],
    ['threads, newest', (q) => threads.search(q, anyThread, newest, page)],
    ['threads by metadata', (q) => threads.search(q, { ...anyThread, metadata: { n: 7 } }, newest, page)],
    ['threads counted by metadata', (q) => threads.count(q, { ...anyThread, metadata: { n: 7 } })],
    ['threads by status', (q) => threads.search(q, { ...anyThread, status: 'interrupted' }, newest, page)],
    ['threads by id', (q) => threads.search(q, { ...anyThread, ids: [crypto.randomUUID()] }, newest, page)],
    ['the sweep of threads', (q) => expiry.claim(q, { now, except: [] })],
    ['crons, newest', (q) => crons.search(q, anyCron, newest, page)],
    ['crons by metadata', (q) => crons.search(q, { ...anyCron, metadata: { n: 7 } }, newest, page)],
    ['crons of a thread', (q) => crons.count(q, { ...anyCron, threadId: crypto.randomUUID() })],
    ['crons of an assistant', (q) => crons.count(q, { ...anyCron, assistantId: crypto.randomUUID() })],
    ['crons that are due', (q) => due.due(q, { now, except: [], limit: 100 })],
    ['the cron that is due next', (q) => due.earliest(q, [])],
    ['items under a prefix', (q) => store.search(q, { ...anyItem, prefix: 'users.u7.' }, now)],
    ['items by a field', (q) => store.search(q, { ...anyItem, filter: { n: 7 } }, now)],
    ['items, newest', (q) => store.search(q, anyItem, now)],
    ['the sweep of items', (q) => store.removeExpired(q, 100, now)],
  ])('%s: an index is used', async (_, work) => {
    const plans = await plansOf(work)
    expect(plans).toMatch(/Index|Tid Scan/)
    expect(plans).not.toContain('Seq Scan')
  })

  it.each(['asc', 'desc'] as const)('pages do not overlap where the sort keys tie (%s)', async (direction) => {
    const seen: string[] = []
    for (let offset = 0; offset < 300; offset += 30) {
      const found = await threads.search(db.database, anyThread, { by: 'status', direction }, { limit: 30, offset })
      seen.push(...found.map(({ threadId }) => threadId))
      const same = await assistants.search(
        db.database,
        anyAssistant,
        { by: 'updated_at', direction },
        { limit: 30, offset },
      )
      seen.push(...same.map(({ assistantId }) => assistantId))
      const items = await store.search(db.database, { ...anyItem, limit: 30, offset }, now)
      seen.push(...items.map(({ namespace, key }) => `${namespace}${key}`))
    }
    expect(new Set(seen).size).toBe(900)
  })
})
