import type { PoolClient } from 'pg'
import type { QueryResult } from './queryable.js'

/**
 * Sends one statement on a connection, at once, and gives the same shape for every kind of statement. The connection
 * answers in the order of sending: statements may follow each other without waiting for answers.
 * @throws AppError `database_away`; what the database says of the statement.
 */
export async function runStatement<Row>(
  client: PoolClient,
  sql: string,
  parameters: readonly unknown[],
): Promise<QueryResult<Row>> {
  const { rows, rowCount } = await client.query(sql, [...parameters])
  return { rows: (rows ?? []) as Row[], affected: rowCount ?? 0 }
}
