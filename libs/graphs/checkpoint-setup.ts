import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres'
import type { Pool, PoolClient } from 'pg'
import { withMigrationLock } from '#database'
import { CHECKPOINT_SCHEMA } from './checkpoints.repository.js'

/** Brings the tables of LangGraph's saver up to date, under the lock of the migrations. */
export async function setUpCheckpoints(pool: Pool): Promise<void> {
  await withMigrationLock(pool, async (client) => {
    const { rows } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [CHECKPOINT_SCHEMA])
    const lent = lend(client, rows.length > 0)
    await new PostgresSaver(lendingPool(pool, lent), undefined, { schema: CHECKPOINT_SCHEMA }).setup()
  })
}

/** The saver takes a connection of its own from its pool: it is given the one that holds the lock. */
function lendingPool(pool: Pool, client: PoolClient): Pool {
  return new Proxy(pool, {
    get: (target, key) => (key === 'connect' ? () => Promise.resolve(client) : Reflect.get(target, key)),
  })
}

/**
 * A connection that the saver cannot give back. PostgreSQL refuses `CREATE SCHEMA IF NOT EXISTS` to a role that may not
 * create schemas even where the schema is there: then the saver's is left out, so that such a role can start.
 */
function lend(client: PoolClient, hasSchema: boolean): PoolClient {
  const query = (sql: string, parameters?: unknown[]) =>
    hasSchema && sql.startsWith('CREATE SCHEMA IF NOT EXISTS')
      ? Promise.resolve({ rows: [] })
      : client.query(sql, parameters)
  return new Proxy(client, {
    get: (target, key) => {
      if (key === 'query') return query
      return key === 'release' ? () => undefined : Reflect.get(target, key)
    },
  })
}
