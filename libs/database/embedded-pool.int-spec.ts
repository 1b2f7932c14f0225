import 'reflect-metadata'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EmbeddedPool } from './embedded-pool.js'

describe('the embedded database under the stock pool', () => {
  let dir: string
  let pool: EmbeddedPool

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-embedded-'))
    pool = await EmbeddedPool.open(join(dir, 'postgres'))
    await pool.query('CREATE TABLE things (id int PRIMARY KEY, body text)')
  })
  afterAll(async () => {
    await pool.end()
    rmSync(dir, { recursive: true, force: true })
  })

  const ids = async () => (await pool.query('SELECT id FROM things ORDER BY id')).rows.map(({ id }) => id as number)

  it('goes on after an error, alone and inside a transaction', async () => {
    await expect(pool.query('SELECT nonsense')).rejects.toMatchObject({ code: '42703' })
    const client = await pool.connect()
    await client.query('BEGIN')
    await expect(client.query('SELECT nonsense')).rejects.toMatchObject({ code: '42703' })
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' })
    await client.query('ROLLBACK')
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    client.release()
  })

  it('leaves the next client a clean session when one is destroyed in a transaction', async () => {
    const client = await pool.connect()
    await client.query('BEGIN')
    await client.query('INSERT INTO things VALUES (1)')
    client.release(true)
    expect(await ids()).toEqual([])
    await pool.query('INSERT INTO things VALUES (2)')
    expect(await ids()).toEqual([2])
  })

  it('leaves it clean as well when the transaction had failed', async () => {
    const client = await pool.connect()
    await client.query('BEGIN')
    await expect(client.query('SELECT nonsense')).rejects.toThrow('nonsense')
    client.release(true)
    expect(await ids()).toEqual([2])
  })

  it('forgets settings, prepared statements and temporary tables of a client that is gone', async () => {
    const client = await pool.connect()
    await client.query(`SET statement_timeout = '1s'`)
    await client.query('CREATE TEMP TABLE passing (id int)')
    await client.query({ name: 'named', text: 'SELECT 1' })
    client.release(true)
    expect((await pool.query('SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '0' }])
    expect((await pool.query({ name: 'named', text: 'SELECT 2 AS two' })).rows).toEqual([{ two: 2 }])
    await expect(pool.query('SELECT * FROM passing')).rejects.toMatchObject({ code: '42P01' })
  })

  it('answers many callers in turn, values of many sizes included', async () => {
    const sizes = [0, 1, 1_000, 100_000, 5_000_000]
    const answers = await Promise.all(sizes.map((size) => pool.query('SELECT $1::text AS body', ['x'.repeat(size)])))
    expect(answers.map(({ rows }) => (rows[0] as { body: string }).body.length)).toEqual(sizes)
  })

  it('refuses a second opener of the folder, and lets it in once this one has ended', async () => {
    await expect(EmbeddedPool.open(join(dir, 'postgres'))).rejects.toThrow(`The data folder ${dir} is in use`)
    await pool.end()
    pool = await EmbeddedPool.open(join(dir, 'postgres'))
    expect(await ids()).toEqual([2])
  })
})
