import 'reflect-metadata'
import { Client, type Pool } from 'pg'
import { DataSource } from 'typeorm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { JsonLogger } from '#kernel'
import { freshDatabase, migrateUpTo, TEST_DATABASE, type TestDatabaseSettings } from '#testing'
import { dataSourceOptions, migrate } from './data-source.js'
import { MIGRATIONS } from './migrations/index.js'
import { openPool } from './open-pool.js'

describe('migrating', () => {
  let fresh: TestDatabaseSettings
  let pool: Pool
  let dataSource: DataSource

  beforeEach(async () => {
    fresh = await freshDatabase()
    pool = await openPool(fresh.settings, JsonLogger.create('silent'))
    dataSource = await new DataSource(dataSourceOptions(pool)).initialize()
  })
  afterEach(async () => {
    await dataSource.destroy()
    await fresh.remove()
  })

  it('applies what is missing, in the order of the list, and nothing twice', async () => {
    expect(await migrate(dataSource)).toEqual(MIGRATIONS.map(({ name }) => name))
    expect(await migrate(dataSource)).toEqual([])
  })

  it('applies one that was written before another and came to this database later', async () => {
    await migrate(dataSource)
    await dataSource.query(`DELETE FROM signalbox_migrations WHERE name = 'AttemptReasons1764000015000'`)
    await dataSource.query('ALTER TABLE webhook_attempts DROP COLUMN reason')
    await dataSource.query(`UPDATE signalbox_migrations SET timestamp = timestamp + 1000000`)
    expect(await migrate(dataSource)).toEqual(['AttemptReasons1764000015000'])
  })

  it('refuses a database of a newer version with a sentence, and changes nothing there', async () => {
    await migrate(dataSource)
    await dataSource.query(`DELETE FROM signalbox_migrations WHERE name = 'AttemptReasons1764000015000'`)
    await dataSource.query(`INSERT INTO signalbox_migrations (timestamp, name) VALUES (9999999999999, 'Later')`)
    await expect(migrate(dataSource)).rejects.toMatchObject({
      code: 'start_refused',
      message: expect.stringMatching(/newer version of signalbox.*\(Later\).*forward only/) as string,
    })
    const rows = await dataSource.query<{ name: string }[]>('SELECT name FROM signalbox_migrations')
    expect(rows.map(({ name }) => name)).not.toContain('AttemptReasons1764000015000')
  })

  it.skipIf(TEST_DATABASE !== 'postgres')('outlives a deadlock with a server that is at work', async () => {
    await migrateUpTo(pool, 'CronCreators1764000013000')
    const server = new Client({ connectionString: fresh.settings.kind === 'postgres' ? fresh.settings.uri : '' })
    await server.connect()
    await server.query(`SET deadlock_timeout = '20s'`) // so that it is the other that is told
    await server.query('BEGIN')
    await server.query('UPDATE webhook_deliveries SET attempts = attempts')
    const tries = vi.spyOn(dataSource, 'createQueryRunner')
    const migrating = migrate(dataSource)
    await vi.waitUntil(async () => (await server.query(WAITING)).rowCount === 1, { timeout: 10_000, interval: 10 })
    // The migration has changed this table, and waits. Were this process too slow, the server would be the one to fail.
    const isSpared = await server.query('SELECT disabled FROM webhook_settings').then(
      () => true,
      () => false,
    )
    await server.query('COMMIT')
    await server.end()
    expect(await migrating).toContain('HeldTime1764000014000')
    expect(tries).toHaveBeenCalledTimes(isSpared ? 2 : 1)
  })
})

const HERE = '(SELECT oid FROM pg_database WHERE datname = current_database())'
const WAITING = `SELECT FROM pg_locks WHERE NOT granted AND database = ${HERE}`
