import { join } from 'node:path'
import type { Pool } from 'pg'
import type { DatabaseSettings } from '#config'
import type { Logger } from '#kernel'
import { EmbeddedPool } from './embedded-pool.js'
import { PostgresPool } from './postgres-pool.js'

/** Opens the database that the settings name. Ending the pool ends everything behind it. */
export function openPool(settings: DatabaseSettings, logger: Logger): Promise<Pool> {
  if (settings.kind === 'embedded') return EmbeddedPool.open(join(settings.dir, 'postgres'))
  return PostgresPool.open({ uri: settings.uri, poolSize: settings.poolSize, logger })
}
