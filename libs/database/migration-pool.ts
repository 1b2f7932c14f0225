import { Pool } from 'pg'
import type { DatabaseSettings } from '#config'
import type { Logger } from '#kernel'
import { openPool } from './open-pool.js'
import { startFault } from './start-fault.js'

/** How long a connection may wait for the server, in ms. */
const CONNECT_TIMEOUT_MS = 10_000

/**
 * Opens the database for migrating alone: beside servers that are at work on it, and beside others that migrate, since
 * the lock of the migrations is all that migrating needs.
 * @throws AppError `start_refused` when the server cannot be reached, or the data folder is in use.
 */
export async function openMigrationPool(settings: DatabaseSettings, logger: Logger): Promise<Pool> {
  if (settings.kind === 'embedded') return openPool(settings, logger)
  const pool = new Pool({
    connectionString: settings.uri,
    max: 1,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'signalbox migrate',
  })
  pool.on('error', () => undefined) // an idle connection that is lost: the next statement tells
  try {
    await pool.query('SELECT 1')
    return pool
  } catch (error) {
    await pool.end()
    throw startFault(error) ?? error
  }
}
