import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestDatabase, type TestDatabase } from '#testing'

describe('the database', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await openTestDatabase()
    await db.database.query('CREATE TABLE things (id int PRIMARY KEY, body jsonb, raw bytea)')
  })
  afterAll(() => db.close())

  it('keeps what a transaction wrote, and tells so after the commit', async () => {
    const told: string[] = []
    const result = await db.unitOfWork.run(async (tx) => {
      tx.onCommit(() => told.push('committed'))
      const { affected } = await tx.query('INSERT INTO things VALUES ($1, $2, $3)', [
        1,
        '{"a":1}',
        Buffer.from([0, 255]),
      ])
      expect(told).toEqual([])
      return affected
    })
    expect(result).toBe(1)
    expect(told).toEqual(['committed'])
    const { rows } = await db.database.query('SELECT * FROM things')
    expect(rows).toEqual([{ id: 1, body: { a: 1 }, raw: Buffer.from([0, 255]) }])
  })

  it('undoes everything when the work fails, and tells nobody', async () => {
    const told: string[] = []
    const work = db.unitOfWork.run(async (tx) => {
      tx.onCommit(() => told.push('committed'))
      await tx.query('INSERT INTO things (id) VALUES (2)')
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(told).toEqual([])
    expect((await db.database.query('SELECT 1 FROM things WHERE id = 2')).rows).toEqual([])
  })

  it('goes on after a statement that fails inside a transaction', async () => {
    await expect(db.unitOfWork.run((tx) => tx.query('SELECT nonsense'))).rejects.toThrow('nonsense')
    expect((await db.database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })

  it('counts affected rows and returns them', async () => {
    await db.database.query('INSERT INTO things (id) SELECT generate_series(10, 14)')
    const update = await db.database.query<{ id: number }>('UPDATE things SET raw = NULL WHERE id >= 13 RETURNING id')
    expect(update.affected).toBe(2)
    expect(new Set(update.rows.map(({ id }) => id))).toEqual(new Set([13, 14]))
    expect((await db.database.query('DELETE FROM things WHERE id >= 10')).affected).toBe(5)
  })
})
