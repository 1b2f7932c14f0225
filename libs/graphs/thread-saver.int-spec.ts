import 'reflect-metadata'
import type { Checkpoint, CheckpointMetadata } from '@langchain/langgraph'
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres'
import type { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestDatabase, TEST_DATABASE, type TestDatabase } from '#testing'
import { setUpCheckpoints } from './checkpoint-setup.js'
import { CHECKPOINT_SCHEMA } from './checkpoints.repository.js'
import { StateSerializer } from './state-serializer.js'
import { ThreadSaver } from './thread-saver.js'

const TABLES = ['checkpoints', 'checkpoint_blobs', 'checkpoint_writes']
const TASK = '7e0f4a52-1b1d-5c7e-9d3f-0a1b2c3d4e5f'
const ID = '1f0cb1b4-0000-6000-8000-000000000001'
const metadata: CheckpointMetadata = { source: 'loop', step: 1, parents: {} }

/** Values of every kind that a channel may hold, and what needs care in an array of PostgreSQL's. */
const VALUES: Readonly<Record<string, unknown>> = {
  text: 'a "quoted", {braced} \\ word, \u0000 and \ud800',
  'a "name" and {more}, too': { nested: [1, null, 'ä€😀'] },
  none: null,
  empty: '',
  bytes: new Uint8Array([0, 92, 255, 10]),
  noBytes: new Uint8Array(),
  long: 'x'.repeat(300_000),
}

function checkpointOf(values: Record<string, unknown>, changes: Partial<Checkpoint> = {}): Checkpoint {
  const channel_versions = Object.fromEntries(Object.keys(values).map((name, n) => [name, n + 1.5]))
  return {
    v: 4,
    id: ID,
    ts: '2026-01-01T00:00:00.000Z',
    channel_values: values,
    channel_versions,
    versions_seen: {},
    ...changes,
  }
}

describe(`the saver on ${TEST_DATABASE}`, () => {
  let db: TestDatabase
  let ours: ThreadSaver
  let official: PostgresSaver

  beforeAll(async () => {
    db = await openTestDatabase()
    await setUpCheckpoints(db.pool)
    ours = new ThreadSaver(db.pool, new StateSerializer())
    official = new PostgresSaver(db.pool, new StateSerializer(), { schema: CHECKPOINT_SCHEMA })
  })
  beforeEach(() => db.pool.query(`TRUNCATE ${TABLES.map((table) => `langgraph.${table}`).join(', ')}`))
  afterAll(() => db.close())

  async function rowsOf(threadId: string): Promise<unknown[][]> {
    const answers = []
    for (const table of TABLES) {
      const sql = `SELECT to_jsonb(t) - 'thread_id' AS row FROM langgraph.${table} t WHERE thread_id = $1 ORDER BY 1`
      answers.push((await db.pool.query<{ row: unknown }>(sql, [threadId])).rows.map(({ row }) => row))
    }
    return answers
  }

  /** The rows that the same work leaves, by LangGraph's saver and by ours. */
  async function bothDo(work: (saver: PostgresSaver, threadId: string) => Promise<unknown>): Promise<unknown[][]> {
    await work(official, 'official')
    await work(ours, 'ours')
    const rows = await rowsOf('ours')
    expect(rows).toEqual(await rowsOf('official'))
    return rows
  }

  const at = (thread_id: string, checkpoint_id?: string, checkpoint_ns = '') => {
    return { configurable: { thread_id, checkpoint_ns, ...(checkpoint_id && { checkpoint_id }) } }
  }

  it('stores the rows of a checkpoint that LangGraph’s stores', async () => {
    const checkpoint = checkpointOf(VALUES)
    const versions = { ...checkpoint.channel_versions, gone: 9.25 }
    const rows = await bothDo((saver, id) => saver.put(at(id), checkpoint, metadata, versions))
    expect(rows.map(({ length }) => length)).toEqual([1, Object.keys(VALUES).length + 1, 0])
  })

  it('stores only what is new, under its parent and in its namespace', async () => {
    const rows = await bothDo(async (saver, id) => {
      const first = await saver.put(at(id, undefined, 'in|ner:1'), checkpointOf({ a: 1, b: 2 }), metadata, {
        a: 1,
        b: 1,
      })
      expect(first).toEqual(at(id, ID, 'in|ner:1'))
      const next = checkpointOf({ a: 1, b: 3 }, { id: ID.replace(/1$/, '2') })
      await saver.put(first, next, { ...metadata, step: 2 }, { b: 2 })
      await saver.put(first, { ...next, id: ID.replace(/1$/, '3') }, metadata, {})
    })
    expect(rows.map(({ length }) => length)).toEqual([3, 3, 0])
  })

  it('a version that is stored stays, a checkpoint is written anew', async () => {
    const rows = await bothDo(async (saver, id) => {
      await saver.put(at(id), checkpointOf({ a: 'first' }), metadata, { a: 1 })
      await saver.put(
        at(id, 'a parent'),
        checkpointOf({ a: 'second' }, { ts: 'later' }),
        { ...metadata, step: 2 },
        { a: 1 },
      )
    })
    expect(rows[0]).toMatchObject([{ parent_checkpoint_id: null, checkpoint: { ts: 'later' }, metadata: { step: 2 } }])
  })

  it.each<[title: string, ...lists: [channel: string, value: unknown][][]]>([
    ['ordinary', Object.entries(VALUES)],
    [
      'ordinary, again',
      [['a', 1]],
      [
        ['b', 2],
        ['c', 3],
      ],
    ],
    [
      'special',
      [
        ['__error__', 'one'],
        ['__interrupt__', 2],
        ['__resume__', [3]],
        ['__scheduled__', null],
      ],
    ],
    ['special, again', [['__interrupt__', 1]], [['__interrupt__', 2]]],
    [
      'two in one place',
      [
        ['__interrupt__', 1],
        ['__resume__', 2],
        ['__interrupt__', 3],
      ],
    ],
    [
      'two in one place, among ordinary ones',
      [
        ['__interrupt__', 1],
        ['a', 2],
        ['__interrupt__', 3],
      ],
    ],
    [
      'special among ordinary ones, again',
      [['__interrupt__', 1]],
      [
        ['__interrupt__', 2],
        ['a', 3],
      ],
    ],
    ['none', []],
  ])('stores the rows of writes that LangGraph’s stores: %s', async (_title, ...lists) => {
    await bothDo(async (saver, id) => {
      for (const writes of lists) await saver.putWrites(at(id, ID), writes, TASK)
    })
  })

  it('reads what either has put', async () => {
    await bothDo(async (saver, id) => {
      await saver.put(at(id), checkpointOf(VALUES), metadata, checkpointOf(VALUES).channel_versions)
      await saver.putWrites(at(id, ID), Object.entries(VALUES), TASK)
    })
    const read = await ours.getTuple(at('ours'))
    const values = { ...VALUES, bytes: Buffer.from([0, 92, 255, 10]), noBytes: Buffer.alloc(0) }
    expect(read).toMatchObject({ checkpoint: checkpointOf(values), metadata })
    expect(read?.pendingWrites?.map(([, ...write]) => write)).toEqual(Object.entries(values))
  })

  it('sends one statement, and stores nothing of a checkpoint that is refused', async () => {
    const sent: string[] = []
    const query = (sql: string, values: unknown[]) => {
      sent.push(sql.trim().split(/\s/, 1)[0]!)
      return db.pool.query(sql, values)
    }
    const saver = new ThreadSaver({ query } as unknown as Pool, new StateSerializer())
    await saver.put(at('t'), checkpointOf(VALUES), metadata, checkpointOf(VALUES).channel_versions)
    await saver.putWrites(at('t', ID), Object.entries(VALUES), TASK)
    expect(sent).toEqual(['WITH', 'INSERT'])
    const refused = checkpointOf({ a: 1 }, { ts: '\u0000' })
    await expect(saver.put(at('refused'), refused, metadata, { a: 1 })).rejects.toThrow(/unsupported Unicode/)
    expect(await rowsOf('refused')).toEqual([[], [], []])
  })
})
