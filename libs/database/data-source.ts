import type { Pool } from 'pg'
import { type DataSource, type DataSourceOptions, MigrationExecutor } from 'typeorm'
import { MIGRATION_LOCK } from './migration-lock.js'
import { MIGRATIONS } from './migrations/index.js'

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

/** Brings the schema up to date, one process at a time; returns the names of what was applied. */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner()
  try {
    // One connection holds the lock and runs the migrations: the embedded database has no second one.
    await runner.startTransaction()
    await runner.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    const applied = await new MigrationExecutor(dataSource, runner).executePendingMigrations()
    await runner.commitTransaction()
    return applied.map(({ name }) => name)
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction()
    throw error
  } finally {
    await runner.release()
  }
}
