import type { Pool, PoolClient } from 'pg'
import type { PlanNode } from './plan-book.js'

/**
 * The plan that PostgreSQL makes of a prepared statement without a look at its parameters, and may keep from the sixth
 * time on. Forced here, since whether it does depends on what both cost at that moment.
 */
export async function genericPlan(pool: Pool, sql: string, parameters: number): Promise<PlanNode> {
  return inUndone(pool, async (client) => {
    await client.query('SET LOCAL plan_cache_mode = force_generic_plan')
    await client.query(`PREPARE generic AS ${sql}`)
    return explainExecute(client, 'generic', parameters)
  })
}

/** Prepares the statements, gives every table a further column and runs them; answers what failed by that. */
export async function failuresByNewColumns(pool: Pool, statements: ReadonlyMap<string, number>): Promise<string[]> {
  return inUndone(pool, async (client) => {
    const all = [...statements]
    for (const [n, [sql]] of all.entries()) await client.query(`PREPARE hot_${n} AS ${sql}`)
    const tables = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'langgraph')`,
    )
    for (const { name } of tables.rows) await client.query(`ALTER TABLE ${name} ADD COLUMN of_a_newer_version integer`)
    const failures: string[] = []
    for (const [n, [sql, parameters]] of all.entries()) {
      await client.query('SAVEPOINT before')
      await explainExecute(client, `hot_${n}`, parameters).catch((error: unknown) => {
        failures.push(`${(error as Error).message}: ${sql}`)
      })
      await client.query('ROLLBACK TO before')
    }
    return failures
  })
}

async function explainExecute(client: PoolClient, name: string, parameters: number): Promise<PlanNode> {
  const values = parameters === 0 ? '' : `(${Array.from({ length: parameters }, () => 'NULL').join(', ')})`
  const { rows } = await client.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
    `EXPLAIN (FORMAT JSON) EXECUTE ${name}${values}`,
  )
  return rows[0]!['QUERY PLAN'][0].Plan
}

/** Nothing of the work stays: what was prepared goes with the connection. */
export async function inUndone<Result>(pool: Pool, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    return await work(client)
  } finally {
    await client.query('ROLLBACK')
    await client.query('DEALLOCATE ALL')
    client.release(true)
  }
}
