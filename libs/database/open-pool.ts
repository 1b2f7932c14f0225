import type { Pool } from 'pg'
import type { DatabaseSettings } from '#config'
import type { Logger } from '#kernel'
import { dataFolderLost } from './database.errors.js'
import { EmbeddedPool, type EmbeddedWatch } from './embedded-pool.js'
import { PostgresPool } from './postgres-pool.js'

/** How a database is opened. */
export interface OpenPoolOptions {
  /** Whether other processes may be at work on it: there is Redis to tell them of live events. False when absent. */
  readonly isShared?: boolean | undefined
}

/** Opens the database that the settings name. Ending the pool ends everything behind it. */
export function openPool(
  settings: DatabaseSettings,
  logger: Logger,
  { isShared = false }: OpenPoolOptions = {},
): Promise<Pool> {
  if (settings.kind === 'embedded') return EmbeddedPool.open(settings, embeddedWatch(settings.dir, logger))
  const { uri, poolSize, preparedStatements } = settings
  return PostgresPool.open({ uri, poolSize, preparedStatements, logger, isShared })
}

/** A process that has lost its folder must not even close the database in order: that would write. */
function embeddedWatch(dir: string, logger: Logger): EmbeddedWatch {
  return {
    lost: () => {
      logger.error({}, dataFolderLost(dir).message)
      process.exit(1)
    },
    died: (err) => {
      logger.error({ err, dir }, 'the embedded database has died: the process ends, to be started again')
      process.exit(1)
    },
    uncertain: (err) => logger.warn({ err, dir }, 'the lock of the data folder cannot be looked after'),
  }
}
