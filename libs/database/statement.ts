import type { QueryRunner } from 'typeorm'
import type { QueryResult } from './queryable.js'

/** Runs one statement on a runner and gives the same shape for every kind of statement. */
export async function runStatement<Row>(
  runner: QueryRunner,
  sql: string,
  parameters: readonly unknown[],
): Promise<QueryResult<Row>> {
  const result = await runner.query(sql, [...parameters], true)
  return { rows: (result.records ?? []) as Row[], affected: result.affected ?? 0 }
}
