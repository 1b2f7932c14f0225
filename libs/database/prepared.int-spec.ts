import 'reflect-metadata'
import type { Pool, PoolClient } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JsonLogger } from '#kernel'
import { freshDatabase, openTestDatabase, TEST_DATABASE, type TestDatabase } from '#testing'
import { openPool } from './open-pool.js'
import { isPrepared, prepared } from './prepared.js'

const ADD = prepared('INSERT INTO things (id, size) VALUES ($1, $2) RETURNING id, size')
const SIZE = prepared('SELECT size FROM things WHERE id = $1')
const NAMES = `SELECT name, statement FROM pg_prepared_statements WHERE name LIKE 's%' ORDER BY prepare_time`

describe(`prepared statements on ${TEST_DATABASE}`, () => {
  let db: TestDatabase
  let client: PoolClient

  beforeAll(async () => {
    db = await openTestDatabase()
    await db.database.query('CREATE TABLE things (id int PRIMARY KEY, size int)')
    client = await db.pool.connect()
  })
  afterAll(async () => {
    client.release()
    await db.close()
  })

  const texts = async (on: PoolClient) =>
    (await on.query<{ statement: string }>(NAMES)).rows.map(({ statement }) => statement)

  it('are those that are marked, once for each connection', async () => {
    for (const id of [1, 2, 3]) {
      expect((await client.query(ADD, [id, id * 2])).rows).toEqual([{ id, size: id * 2 }])
      expect((await client.query(SIZE, [id])).rows).toEqual([{ size: id * 2 }])
      await client.query('SELECT id FROM things WHERE id = $1', [id])
    }
    expect(await texts(client)).toEqual([ADD, SIZE])
    expect([isPrepared(ADD), isPrepared('SELECT 1')]).toEqual([true, false])
  })

  it('go on after one that fails, in a transaction too', async () => {
    await expect(client.query(ADD, [1, 0])).rejects.toMatchObject({ code: '23505' })
    await client.query('BEGIN')
    await expect(client.query(ADD, [1, 0])).rejects.toMatchObject({ code: '23505' })
    await expect(client.query(SIZE, [1])).rejects.toMatchObject({ code: '25P02' })
    await client.query('ROLLBACK')
    expect((await client.query(SIZE, [1])).rows).toEqual([{ size: 2 }])
  })

  it('are taken by the repositories’ ways to the database', async () => {
    client.release()
    const sent = await db.unitOfWork.run(async (tx) => {
      await tx.query(ADD, [10, 20])
      return (await tx.query<{ statement: string }>(NAMES)).rows.map(({ statement }) => statement)
    })
    expect(sent.includes(ADD)).toBe(true)
    expect((await db.database.query(SIZE, [10])).rows).toEqual([{ size: 20 }])
    expect((await db.pool.query(SIZE, [10])).rows).toEqual([{ size: 20 }])
    client = await db.pool.connect()
  })

  it('have plans for tables as they are, not as they were', async () => {
    const planOf = async () => {
      const { rows } = await client.query<{ name: string }>(`${NAMES.replace('ORDER', `AND statement = $1 ORDER`)}`, [
        SIZE,
      ])
      return JSON.stringify((await client.query(`EXPLAIN EXECUTE ${rows[0]!.name}(1)`)).rows)
    }
    await client.query('ANALYZE things')
    for (let n = 0; n < 10; n++) await client.query(SIZE, [n])
    expect(await planOf()).toContain('Seq Scan')
    await client.query('INSERT INTO things SELECT generate_series(100, 20000), 1')
    for (let n = 0; n < 200; n++) await client.query(SIZE, [n])
    expect(await planOf()).toContain('Index Scan')
    await client.query('DELETE FROM things WHERE id >= 100')
  })

  it('are parsed anew where a migration has changed the type of what they read', async () => {
    await client.query(SIZE, [1])
    await client.query('ALTER TABLE things ALTER size TYPE bigint')
    await expect(client.query(SIZE, [1])).rejects.toThrow('cached plan must not change result type')
    expect((await client.query(SIZE, [1])).rows).toEqual([{ size: '2' }])
    expect((await client.query(SIZE, [2])).rows).toEqual([{ size: '4' }])
    expect((await texts(client)).filter((text) => text === SIZE)).toHaveLength(2)
  })

  it.runIf(TEST_DATABASE === 'postgres')('are none where they are switched off', async () => {
    const fresh = await freshDatabase()
    if (fresh.settings.kind !== 'postgres') throw new Error('not PostgreSQL')
    const pool: Pool = await openPool({ ...fresh.settings, preparedStatements: false }, JsonLogger.create('silent'))
    const own = await pool.connect()
    await own.query('CREATE TABLE things (id int PRIMARY KEY, size int)')
    await own.query(ADD, [1, 2])
    expect(await texts(own)).toEqual([])
    own.release()
    await pool.end()
    await fresh.remove()
  })
})
