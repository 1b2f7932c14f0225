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

  it('keeps what was sent without waiting, in the order of sending', async () => {
    await db.unitOfWork.run((tx) => {
      tx.send('INSERT INTO things (id, body) VALUES (30, $1)', ['[1]'])
      tx.send('UPDATE things SET body = body || $1::jsonb WHERE id = 30', ['[2]'])
      tx.send('UPDATE things SET body = body || $1::jsonb WHERE id = 30', ['[3]'])
    })
    const { rows } = await db.database.query<{ body: number[] }>('SELECT body FROM things WHERE id = 30')
    expect(rows).toEqual([{ body: [1, 2, 3] }])
  })

  it('undoes everything when something fails that was sent, by the first failure, and tells nobody', async () => {
    const told: string[] = []
    const work = db.unitOfWork.run(async (tx) => {
      tx.onCommit(() => told.push('committed'))
      tx.send('INSERT INTO things (id) VALUES (40)')
      tx.send('INSERT INTO things (id) VALUES (40)')
      tx.send('SELECT nonsense')
      await tx.query('SELECT 1').catch(() => undefined)
    })
    await expect(work).rejects.toMatchObject({ code: '23505' })
    expect(told).toEqual([])
    expect((await db.database.query('SELECT 1 FROM things WHERE id = 40')).rows).toEqual([])
    expect((await db.database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })

  it('does not say that a transaction is stored in which a failure was passed over', async () => {
    const work = db.unitOfWork.run(async (tx) => {
      await tx.query('INSERT INTO things (id) VALUES (50)')
      await tx.query('SELECT nonsense').catch(() => undefined)
    })
    await expect(work).rejects.toThrow('nothing of it was stored')
    expect((await db.database.query('SELECT 1 FROM things WHERE id = 50')).rows).toEqual([])
  })

  it('answers what is asked in one go each with its own', async () => {
    const answers = await db.unitOfWork.run((tx) =>
      Promise.all([1, 2, 3].map((n) => tx.query<{ n: number }>('SELECT $1::int AS n', [n]))),
    )
    expect(answers.map(({ rows }) => rows)).toEqual([[{ n: 1 }], [{ n: 2 }], [{ n: 3 }]])
  })

  it('counts affected rows and returns them', async () => {
    await db.database.query('INSERT INTO things (id) SELECT generate_series(10, 14)')
    const update = await db.database.query<{ id: number }>(
      'UPDATE things SET raw = NULL WHERE id BETWEEN 13 AND 14 RETURNING id',
    )
    expect(update.affected).toBe(2)
    expect(new Set(update.rows.map(({ id }) => id))).toEqual(new Set([13, 14]))
    expect((await db.database.query('DELETE FROM things WHERE id BETWEEN 10 AND 14')).affected).toBe(5)
  })
})
