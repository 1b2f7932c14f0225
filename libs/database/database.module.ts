import { type DynamicModule, Global, Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import type { Pool } from 'pg'
import { DataSource } from 'typeorm'
import type { DatabaseSettings } from '#config'
import { Logger } from '#kernel'
import { dataSourceOptions, migrate } from './data-source.js'
import { DatabasePool } from './database-pool.js'
import { Database } from './database.js'
import { openPool } from './open-pool.js'
import { UnitOfWork } from './unit-of-work.js'

/** Provides the opened pool before TypeORM is made on it. */
@Module({})
class PoolModule {
  static register(settings: DatabaseSettings): DynamicModule {
    const pool = {
      provide: DatabasePool,
      inject: [Logger],
      useFactory: async (logger: Logger): Promise<DatabasePool> => ({ pool: await openPool(settings, logger) }),
    }
    return { module: PoolModule, providers: [pool], exports: [DatabasePool] }
  }
}

/**
 * The database, opened and migrated while the application is made. TypeORM ends the pool when the application closes,
 * and the pool ends what is behind it (the embedded database and its lock, or the advisory lock).
 */
@Global()
@Module({})
export class DatabaseModule {
  static register(settings: DatabaseSettings): DynamicModule {
    const pool = PoolModule.register(settings)
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

/** Brings a database up to date without a server (`signalbox migrate`); returns what was applied. */
export async function migrateDatabase(settings: DatabaseSettings, logger: Logger): Promise<string[]> {
  const pool: Pool = await openPool(settings, logger)
  const dataSource = await new DataSource(dataSourceOptions(pool)).initialize()
  try {
    return await migrate(dataSource)
  } finally {
    await dataSource.destroy()
  }
}
