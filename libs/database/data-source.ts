import type { Pool } from 'pg'
import { type DataSource, type DataSourceOptions, MigrationExecutor, type QueryRunner } from 'typeorm'
import { databaseNewer } from './database.errors.js'
import { lockMigrations } from './migration-lock.js'
import { MIGRATIONS } from './migrations/index.js'

/** How often migrating begins anew after it met a transaction of a running server that it would wait for for ever. */
const MAX_DEADLOCKS = 5
const DEADLOCK = '40P01'

/** TypeORM over the one pool. Migrations only, never `synchronize`. */
export function dataSourceOptions(pool: Pool): DataSourceOptions {
  return {
    type: 'postgres',
    driver: {
      Pool: function () {
        return pool
      },
    },
    installExtensions: false,
    migrations: MIGRATIONS,
    migrationsTableName: 'signalbox_migrations',
    migrationsRun: false,
    synchronize: false,
  }
}

/**
 * Brings the schema up to date, one process at a time and in one transaction; returns the names of what was applied.
 * @throws AppError `start_refused` when the database is of a newer version.
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  for (let deadlocks = 0; ; deadlocks++) {
    try {
      return await migrateOnce(dataSource)
    } catch (error) {
      // All is undone, and whoever was in the way has gone on.
      if ((error as { code?: unknown }).code !== DEADLOCK || deadlocks >= MAX_DEADLOCKS) throw error
    }
  }
}

async function migrateOnce(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner()
  try {
    // One connection holds the lock and runs the migrations: the embedded database has no second one.
    await runner.startTransaction()
    await lockMigrations(runner)
    const applied = await applyPending(dataSource, runner)
    await runner.commitTransaction()
    return applied
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction()
    throw error
  } finally {
    await runner.release()
  }
}

async function applyPending(dataSource: DataSource, runner: QueryRunner): Promise<string[]> {
  const executor = new MigrationExecutor(dataSource, runner)
  const known = new Set(dataSource.migrations.map((migration) => migration.constructor.name))
  const unknown = (await executor.getExecutedMigrations()).filter(({ name }) => !known.has(name))
  if (unknown.length > 0) throw databaseNewer(unknown.map(({ name }) => name))
  return (await executor.executePendingMigrations()).map(({ name }) => name)
}
