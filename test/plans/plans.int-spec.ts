import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Settings } from '#config'
import type { Queryable } from '#database'
import { preparedTexts } from '../../libs/database/prepared.js'
import { setUpCheckpoints } from '#graphs'
import { openTestDatabase, TEST_DATABASE, type TestDatabase } from '#testing'
import { ASSISTANT_SORT_FIELDS } from '../../libs/assistants/assistant-filter.js'
import { AssistantsRepository } from '../../libs/assistants/assistants.repository.js'
import { CRON_SORT_FIELDS } from '../../libs/crons/cron-filter.js'
import { CronsRepository } from '../../libs/crons/crons.repository.js'
import { StoreRepository } from '../../libs/store/store.repository.js'
import { THREAD_SORT_FIELDS } from '../../libs/threads/thread-filter.js'
import { ThreadsRepository } from '../../libs/threads/threads.repository.js'
import { allStatements, otherSenders } from './all-statements.js'
import { fillTables, NOW, ROWS } from './big-tables.js'
import { adminCases, dispatcherCases, sweepCases } from './outbox-cases.js'
import { failuresByNewColumns } from './generic-plans.js'
import { type Explained, PlanBook, shown } from './plan-book.js'
import { massRunCases, runCases, runQueueCases, sharedCases } from './queue-cases.js'
import { ANY_ASSISTANT, ANY_CRON, assistantCases, cronCases, dueCronCases } from './resource-cases.js'
import { checkpointCases, saverCases, storeCases, vectorCases } from './state-cases.js'
import type { StatementCase } from './statement-case.js'
import { ANY_THREAD, threadCases, threadSearchCases, threadSweepCases } from './thread-cases.js'
import { WHOLE_READS } from './whole-reads.js'

const ROOMS: Readonly<Record<string, (book: PlanBook) => StatementCase[]>> = {
  'the queue of runs': runQueueCases,
  runs: runCases,
  'runs over all threads': massRunCases,
  'runs of several processes': sharedCases,
  threads: threadCases,
  'finding threads': threadSearchCases,
  'sweeping threads': threadSweepCases,
  'sending webhooks': dispatcherCases,
  'sweeping webhooks': sweepCases,
  'administering webhooks': adminCases,
  assistants: assistantCases,
  crons: cronCases,
  'crons that are due': dueCronCases,
  'the store': storeCases,
  vectors: vectorCases,
  checkpoints: checkpointCases,
}

/** Read by statements that specs of the database mark: they may have run in this process before. */
const TABLE_OF_SPECS = /\bthings\b/

/** How long filling may take where others are at work too, in ms. */
const FILL_DEADLINE_MS = 300_000

const SKIPPED = 'plans are looked at on PostgreSQL only: set SIGNALBOX_TEST_DATABASE=postgres'
const title = `statements over tables of ${ROWS} rows${TEST_DATABASE === 'postgres' ? '' : ` (${SKIPPED})`}`

describe.skipIf(TEST_DATABASE !== 'postgres')(title, () => {
  let db: TestDatabase
  let book: PlanBook
  const explained: { room: string; title: string; plans: Explained[] }[] = []

  beforeAll(async () => {
    db = await openTestDatabase()
    await setUpCheckpoints(db.pool)
    await fillTables(db.pool)
    book = new PlanBook(db.pool)
    await book.open()
    for (const [room, cases] of Object.entries(ROOMS)) {
      for (const [name, work] of cases(book)) explained.push({ room, title: name, plans: await book.plansOf(work) })
    }
    for (const [name, work] of saverCases()) {
      explained.push({ room: 'the saver', title: name, plans: await book.plansOnPool(work) })
    }
  }, FILL_DEADLINE_MS)
  afterAll(() => db.close())

  const wholeRead = (room: string, name: string, table: string) =>
    WHOLE_READS[room]?.find((one) => one.cases.test(name) && one.table === table)

  it.each([...Object.keys(ROOMS), 'the saver'])('%s: no big table is read from end to end', (room) => {
    const mine = explained.filter((one) => one.room === room)
    expect(mine.every(({ plans }) => plans.length > 0)).toBe(true)
    const faults = mine.flatMap(({ title: name, plans }) =>
      plans
        .filter((plan) => book.tablesRead(plan).some((table) => wholeRead(room, name, table) === undefined))
        .map((plan) => `${room}: ${name} reads ${book.tablesRead(plan).join(', ')}\n${plan.sql}\n${shown(plan)}`),
    )
    expect(faults.join('\n\n')).toBe('')
  })

  it('what is prepared is known, and a column that a newer version adds is nothing to it', async () => {
    const marked = preparedTexts().filter((text) => !TABLE_OF_SPECS.test(text))
    expect([...book.hot.keys()].sort()).toEqual(marked.sort())
    expect(await failuresByNewColumns(db.pool, book.hot)).toEqual([])
  })

  it('what may read a whole table is still asked for', () => {
    const asked = explained.map(({ room, title: name }) => ({ room, name }))
    for (const [room, allowed] of Object.entries(WHOLE_READS)) {
      for (const { cases } of allowed) expect(asked.some((one) => one.room === room && cases.test(one.name))).toBe(true)
    }
  })

  it('every method of every repository was asked for its statements', async () => {
    const { methods } = await allStatements()
    expect(methods.length).toBeGreaterThan(100)
    expect([...book.called, ...WITHOUT_PLAN].sort()).toEqual([...methods].sort())
  })

  it('every text of SQL was sent', async () => {
    const { texts } = await allStatements()
    expect(texts.size).toBeGreaterThan(30)
    const sent = book.statements.join('\n')
    expect([...texts].filter(([, text]) => !sent.includes(text)).map(([name]) => name)).toEqual([])
  })

  it('nobody else sends SQL', () => {
    expect(otherSenders()).toEqual([
      'auth/visible-table.ts', // what the repositories of resources search and count by
      'events/signals.ts', // NOTIFY
      'graphs/checkpoint-setup.ts', // tables
      'graphs/write-journal.ts', // NOTE_WRITES of its repository
      'health/database-probe.ts', // SELECT 1
    ])
  })

  it.each(['asc', 'desc'] as const)('pages do not overlap where the sort keys tie (%s)', async (direction) => {
    const seen = await Promise.all(searches(db.database, direction).map((search) => walk(search)))
    for (const keys of seen) expect(new Set(keys).size).toBe(PAGES * PAGE)
  })

  it('what a deletion takes with it is found by an index', async () => {
    const { rows } = await db.pool.query(FOREIGN_KEYS_WITHOUT_INDEX)
    expect(rows).toEqual([])
  })
})

/** What makes tables and extensions, and what sends nothing itself. */
const WITHOUT_PLAN = ['StoreVectorsRepository.enable', 'StoreVectorsRepository.create', 'store.searchConditions']

const PAGES = 10
const PAGE = 30

type Search = (page: { limit: number; offset: number }) => Promise<string[]>

/** Every search in every order, as keys. */
function searches(q: Queryable, direction: 'asc' | 'desc'): Search[] {
  const threads = new ThreadsRepository({ threadTtl: { default: null } } as Settings)
  const [assistants, crons, store] = [new AssistantsRepository(), new CronsRepository(), new StoreRepository()]
  return [
    ...THREAD_SORT_FIELDS.map(
      (by): Search =>
        async (page) =>
          (await threads.search(q, ANY_THREAD, { by, direction }, page)).map(({ threadId }) => threadId),
    ),
    ...ASSISTANT_SORT_FIELDS.map(
      (by): Search =>
        async (page) =>
          (await assistants.search(q, ANY_ASSISTANT, { by, direction }, page)).map(({ assistantId }) => assistantId),
    ),
    ...CRON_SORT_FIELDS.map(
      (by): Search =>
        async (page) =>
          (await crons.search(q, ANY_CRON, { by, direction }, page)).map(({ cronId }) => cronId),
    ),
    async (page) => (await store.search(q, { prefix: '', filter: {}, ...page }, NOW)).map(({ key }) => key),
  ]
}

async function walk(search: Search): Promise<string[]> {
  const keys: string[] = []
  for (let page = 0; page < PAGES; page++) keys.push(...(await search({ limit: PAGE, offset: page * PAGE })))
  return keys
}

/** Foreign keys whose columns are not the first ones of any index that holds all their rows, but for nulls. */
const FOREIGN_KEYS_WITHOUT_INDEX = `
SELECT conrelid::regclass::text AS "table", conname AS name FROM pg_constraint
WHERE contype = 'f' AND NOT EXISTS (
  SELECT FROM pg_index
  WHERE indrelid = conrelid AND (indkey::smallint[])[0:cardinality(conkey) - 1] @> conkey
    AND (indpred IS NULL OR pg_get_expr(indpred, indrelid) ~ '^\\(\\w+ IS NOT NULL\\)$'))`
