import 'reflect-metadata'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { EmbeddedPool, type EmbeddedWatch } from './embedded-pool.js'
import { PGliteThread } from './pglite-thread.js'
import { initialiseFolder } from './template-folder.js'

const fail = () => {
  throw new Error('the lock is held')
}
const watch: EmbeddedWatch = { lost: fail, uncertain: fail, died: fail }

describe('the embedded database under the stock pool', () => {
  let dir: string
  let pool: EmbeddedPool

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-embedded-'))
    pool = await EmbeddedPool.open({ dir }, watch)
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
    await expect(EmbeddedPool.open({ dir }, watch)).rejects.toThrow(`The data folder ${dir} is in use`)
    await pool.end()
    pool = await EmbeddedPool.open({ dir }, watch)
    expect(await ids()).toEqual([2])
  })

  it('gives the folder back also when it cannot be closed in order, and ends however often it is asked', async () => {
    const broken = mkdtempSync(join(tmpdir(), 'signalbox-embedded-'))
    const close = vi.spyOn(PGliteThread.prototype, 'close').mockRejectedValueOnce(new Error('disk full'))
    const other = await EmbeddedPool.open({ dir: broken }, watch)
    try {
      const ends = await Promise.allSettled([other.end(), other.end()])
      expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
      expect(readdirSync(broken)).toEqual(['postgres'])
    } finally {
      close.mockRestore()
      rmSync(broken, { recursive: true, force: true })
    }
  })

  it('touches nothing in a folder that holds something else', async () => {
    const other = mkdtempSync(join(tmpdir(), 'signalbox-embedded-'))
    mkdirSync(join(other, 'postgres', 'photos'), { recursive: true })
    await expect(EmbeddedPool.open({ dir: other }, watch)).rejects.toThrow('holds files and is no database')
    expect(readdirSync(other)).toEqual(['postgres'])
    expect(readdirSync(join(other, 'postgres'))).toEqual(['photos'])
    rmSync(other, { recursive: true, force: true })
  })

  it.runIf(existsSync('/proc/self'))('is made also where the cache is a folder that cannot be written', async () => {
    const fresh = mkdtempSync(join(tmpdir(), 'signalbox-embedded-'))
    await initialiseFolder(join(fresh, 'postgres'), '/proc/self')
    expect(readdirSync(fresh)).toEqual(['postgres'])
    expect(existsSync(join(fresh, 'postgres', 'PG_VERSION'))).toBe(true)
    rmSync(fresh, { recursive: true, force: true })
  })

  it('goes on without pgvector where it was switched on before: rows with vectors can still be deleted', async () => {
    const own = mkdtempSync(join(tmpdir(), 'signalbox-vectors-'))
    const first = await EmbeddedPool.open({ dir: own, vectors: true }, watch)
    await first.query('CREATE EXTENSION vector')
    await first.query('CREATE TABLE items (id int PRIMARY KEY)')
    await first.query('CREATE TABLE near (id int REFERENCES items ON DELETE CASCADE, embedding vector(2))')
    await first.query('INSERT INTO items VALUES (1), (2)')
    await first.query("INSERT INTO near VALUES (1, '[1,2]'), (2, '[3,4]')")
    await first.end()
    const without = await EmbeddedPool.open({ dir: own }, watch)
    await without.query('DELETE FROM items WHERE id = 1')
    expect((await without.query('SELECT id FROM items')).rows).toEqual([{ id: 2 }])
    await without.end()
    const again = await EmbeddedPool.open({ dir: own, vectors: true }, watch)
    expect((await again.query(`SELECT id, embedding <-> '[3,4]' AS far FROM near`)).rows).toEqual([{ id: 2, far: 0 }])
    await again.end()
    rmSync(own, { recursive: true, force: true })
  })
})
