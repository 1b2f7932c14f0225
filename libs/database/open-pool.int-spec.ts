import 'reflect-metadata'
import type { Pool } from 'pg'
import { DataSource } from 'typeorm'
import { describe, expect, it } from 'vitest'
import { JsonLogger } from '#kernel'
import { freshDatabase, openTestDatabase, TEST_DATABASE } from '#testing'
import { streamOf } from './connection-stream.js'
import { dataSourceOptions, migrate } from './data-source.js'
import { openPool } from './open-pool.js'
import { PostgresPool } from './postgres-pool.js'

const logger = JsonLogger.create('silent')

describe('opening the database', () => {
  it('refuses a second process with a sentence, and lets it in once the first has ended', async () => {
    const fresh = await freshDatabase()
    const first = await openPool(fresh.settings, logger)
    const sentence =
      TEST_DATABASE === 'postgres' ? 'Another signalbox process is using this PostgreSQL database' : 'is in use'
    await expect(openPool(fresh.settings, logger)).rejects.toThrow(sentence)
    expect((await first.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await first.end()
    const second = await openPool(fresh.settings, logger)
    await second.end()
    await fresh.remove()
  })

  it('says what to do when no server answers', async () => {
    const opening = PostgresPool.open({
      uri: 'postgres://nobody@127.0.0.1:1/none',
      poolSize: 1,
      logger,
      isShared: false,
    })
    await expect(opening).rejects.toMatchObject({ code: 'start_refused' })
    await expect(opening).rejects.toThrow(
      /The database of DATABASE_URI \(or DATABASE_URL\) cannot be reached .*Check the address/,
    )
  })

  it.runIf(TEST_DATABASE === 'postgres')(
    'says what is missing when the server has no such database or user',
    async () => {
      const fresh = await freshDatabase()
      const opening = (change: (uri: URL) => void) => {
        const uri = new URL(fresh.settings.kind === 'postgres' ? fresh.settings.uri : '')
        change(uri)
        return PostgresPool.open({ uri: uri.href, poolSize: 1, logger, isShared: false })
      }
      await expect(opening((uri) => (uri.pathname = '/nowhere'))).rejects.toThrow(
        /does not exist .*nowhere.*CREATE DATABASE/,
      )
      await expect(opening((uri) => (uri.username = 'nobody'))).rejects.toThrow(
        /not let in the user .*nobody.*CREATE ROLE/,
      )
      await fresh.remove()
    },
  )

  it.runIf(TEST_DATABASE === 'postgres').each<[string, (pool: Pool) => Promise<unknown>]>([
    ['the pool', (pool) => pool.query('SELECT pg_sleep(20)')],
    [
      'a connection of it',
      async (pool) => {
        const client = await pool.connect()
        return client.query('SELECT pg_sleep(20)').finally(() => client.release(true))
      },
    ],
  ])('says that the database is away where a connection breaks under a statement of %s', async (_who, ask) => {
    const fresh = await freshDatabase()
    const pool = await openPool(fresh.settings, logger)
    pool.on('acquire', (client) => setImmediate(() => streamOf(client).destroy()))
    await expect(ask(pool)).rejects.toMatchObject({ code: 'database_away' })
    await pool.end()
    await fresh.remove()
  })

  it.runIf(TEST_DATABASE === 'postgres')('outlives the loss of a connection in use, idle or taken', async () => {
    const fresh = await freshDatabase()
    const lines: string[] = []
    const pool = await openPool(fresh.settings, JsonLogger.create('warn', { write: (line) => void lines.push(line) }))
    const taken = [await pool.connect(), await pool.connect(), await pool.connect()] as const
    const pids = taken.map((client) => (client as typeof client & { processID: number }).processID)
    const ended = taken.slice(1).map((client) => new Promise<void>((resolve) => client.once('end', resolve)))
    taken[2].release()
    await taken[0].query('SELECT pg_terminate_backend(pid) FROM unnest($1::integer[]) AS pid', [pids.slice(1)])
    await Promise.all(ended)
    taken[1].release()
    taken[0].release()
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    expect(lines.filter((line) => line.includes('a connection to the database is lost')).length).toBeGreaterThanOrEqual(
      2,
    )
    await pool.end()
    await fresh.remove()
  })

  it('migrates once, also when two start together', async () => {
    const db = await openTestDatabase()
    expect(await migrate(db.dataSource)).toEqual([])
    const fresh = await freshDatabase()
    const pool = await openPool(fresh.settings, logger)
    const dataSource = await new DataSource(dataSourceOptions(pool)).initialize()
    const applied = await Promise.all([migrate(dataSource), migrate(dataSource)])
    expect(applied.filter(({ length }) => length > 0)).toHaveLength(1)
    await dataSource.destroy()
    await fresh.remove()
    await db.close()
  })
})
