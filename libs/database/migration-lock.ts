import type { Pool, PoolClient } from 'pg'
import type { QueryRunner } from 'typeorm'
import type { Transaction } from './transaction.js'

/** Key of the advisory lock that serialises everything that changes the schema. */
export const MIGRATION_LOCK = 7_264_871_002

/**
 * Runs `work` on one connection that holds the migration lock. `work` must use no other connection of the pool: the
 * embedded database has none.
 */
export async function withMigrationLock<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    const result = await work(client)
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK])
    client.release()
    return result
  } catch (error) {
    client.release(true) // the connection ends, and the lock with it
    throw error
  }
}

/** Takes the migration lock until `tx` ends: for tables that no migration makes. */
export async function lockMigrations(tx: Transaction | QueryRunner): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
}
