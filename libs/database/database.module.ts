import { type DynamicModule, Global, Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import type { Pool } from 'pg'
import { DataSource } from 'typeorm'
import type { DatabaseSettings } from '#config'
import type { Logger } from '#kernel'
import { dataSourceOptions, migrate } from './data-source.js'
import { DatabasePool } from './database-pool.js'
import { Database } from './database.js'
import { openMigrationPool } from './migration-pool.js'
import { UnitOfWork } from './unit-of-work.js'

/** Provides the opened pool before TypeORM is made on it. */
@Module({})
class PoolModule {
  static register(opening: Promise<Pool>): DynamicModule {
    const pool = { provide: DatabasePool, useFactory: async (): Promise<DatabasePool> => ({ pool: await opening }) }
    return { module: PoolModule, providers: [pool], exports: [DatabasePool] }
  }
}

/**
 * The database of a pool that is being opened, migrated while the application is made. TypeORM ends the pool when the
 * application closes, and the pool ends what is behind it (the embedded database and its lock, or the advisory lock).
 */
@Global()
@Module({})
export class DatabaseModule {
  static register(opening: Promise<Pool>): DynamicModule {
    const pool = PoolModule.register(opening)
    const typeOrm = TypeOrmModule.forRootAsync({
      imports: [pool],
      inject: [DatabasePool],
      useFactory: (opened: DatabasePool) => ({ ...dataSourceOptions(opened.pool), retryAttempts: 0 }),
      dataSourceFactory: async (options) => {
        if (!options) throw new Error('TypeORM gave no options')
        const dataSource = await new DataSource(options).initialize()
        await migrate(dataSource)
        return dataSource
      },
    })
    return {
      module: DatabaseModule,
      imports: [pool, typeOrm],
      providers: [Database, UnitOfWork],
      exports: [Database, UnitOfWork, pool],
    }
  }
}

/** What `migrateDatabase` needs. */
export interface MigrateOptions {
  readonly settings: DatabaseSettings
  readonly logger: Logger
  /** Brings tables up to date that are not ours, after ours. */
  readonly setUpOthers: (pool: Pool, unitOfWork: UnitOfWork) => Promise<void>
}

/**
 * Brings a database up to date without a server (`signalbox migrate`), beside servers and others that migrate; returns
 * what was applied of ours.
 */
export async function migrateDatabase({ settings, logger, setUpOthers }: MigrateOptions): Promise<string[]> {
  const pool = await openMigrationPool(settings, logger)
  try {
    const dataSource = await new DataSource(dataSourceOptions(pool)).initialize()
    const applied = await migrate(dataSource)
    await setUpOthers(pool, new UnitOfWork(dataSource))
    return applied
  } finally {
    await pool.end()
  }
}
