import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JsonObject, toJsonb } from '#kernel'
import { openTestDatabase, type TestDatabase } from '#testing'
import { seededRandom } from '../../test/support/seeded-random.js'
import { isVisible, parseFilter } from './metadata-filter.js'
import { RandomVisibility } from './random-visibility.spec.support.js'
import { visibleSql } from './visible-sql.js'
import { DOCUMENTS, FILTERS } from './visibility.spec.support.js'

interface Stored {
  readonly id: number
  readonly metadata: JsonObject
}

let db: TestDatabase

beforeAll(async () => {
  db = await openTestDatabase()
  for (const table of ['documents', 'random_documents']) {
    await db.database.query(`CREATE TABLE ${table} (id integer PRIMARY KEY, metadata jsonb NOT NULL)`)
    // As the tables of the rooms have it.
    await db.database.query(`CREATE INDEX ON ${table} USING gin (metadata jsonb_path_ops)`)
  }
})

afterAll(() => db.close())

/** Stores metadata as the rooms do; returns them as they are read. */
async function store(table: string, documents: readonly JsonObject[]): Promise<readonly Stored[]> {
  for (const [id, metadata] of documents.entries()) {
    await db.database.query(`INSERT INTO ${table} VALUES ($1, $2::jsonb)`, [id, toJsonb(metadata)])
  }
  return (await db.database.query<Stored>(`SELECT id, metadata FROM ${table} ORDER BY id`)).rows
}

/** The rows that the condition finds, by the index or without it. */
function found(table: string, filter: JsonObject, by: 'index' | 'scan'): Promise<number[]> {
  // As if the condition stood behind others.
  const parameters: unknown[] = [-1]
  const condition = visibleSql(parseFilter(filter), `${table}.metadata`, parameters)
  return db.unitOfWork.run(async (tx) => {
    await tx.query(`SET LOCAL ${by === 'index' ? 'enable_seqscan' : 'enable_bitmapscan'} = off`)
    const sql = `SELECT id FROM ${table} WHERE id > $1 AND ${condition} ORDER BY id`
    return (await tx.query<{ id: number }>(sql, parameters)).rows.map(({ id }) => id)
  })
}

function shown(rows: readonly Stored[], filter: JsonObject): number[] {
  const visibility = parseFilter(filter)
  return rows.filter(({ metadata }) => isVisible(visibility, metadata)).map(({ id }) => id)
}

describe('SQL finds what isVisible shows', () => {
  let rows: readonly Stored[]

  beforeAll(async () => {
    rows = await store('documents', DOCUMENTS)
  })

  it.each(FILTERS)('%j', async (filter) => {
    const visible = shown(rows, filter)
    expect(await found('documents', filter, 'scan')).toEqual(visible)
    expect(await found('documents', filter, 'index')).toEqual(visible)
    expect(visible.length).toBeLessThan(rows.length)
  })

  it('by filters that show something as a rule', () => {
    const showing = FILTERS.filter((filter) => shown(rows, filter).length > 0)
    expect(showing.length / FILTERS.length).toBeGreaterThan(0.7)
  })

  it('also by as many conditions as a filter may have', async () => {
    const others = Array.from({ length: 9_999 }, (_, index) => ({ owner: `somebody-${index}` }))
    const filter = { $or: [...others, { owner: 'ann' }] }
    expect(await found('documents', filter, 'scan')).toEqual(shown(rows, filter))
    expect(shown(rows, filter)).not.toEqual([])
  })

  it('and everything without a filter', async () => {
    expect(await found('documents', {}, 'scan')).toEqual(rows.map(({ id }) => id))
  })

  it('and nothing was written by what looks like a statement', async () => {
    expect((await db.database.query('SELECT id FROM documents')).rows).toHaveLength(DOCUMENTS.length)
  })
})

const SEED = Number(process.env['SIGNALBOX_TEST_SEED'] ?? Date.now() % 1_000_000)

it(`SQL finds what isVisible shows of metadata and filters by chance (SIGNALBOX_TEST_SEED=${SEED})`, async () => {
  const chance = new RandomVisibility(seededRandom(SEED))
  const documents = Array.from({ length: 12 }, () => chance.document())
  const rows = await store('random_documents', documents)
  let visiblePairs = 0
  for (let count = 0; count < 50; count += 1) {
    const filter = chance.filter(documents)
    const visible = shown(rows, filter)
    visiblePairs += visible.length
    for (const by of ['scan', 'index'] as const) {
      expect({ filter, ids: await found('random_documents', filter, by) }).toEqual({ filter, ids: visible })
    }
  }
  // Of 600: nothing that is visible would prove nothing, nor would all.
  expect(visiblePairs).toBeGreaterThan(0)
  expect(visiblePairs).toBeLessThan(590)
})
