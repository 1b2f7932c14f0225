import { QueryFailedError, type QueryRunner } from 'typeorm'
import { AppError } from '#kernel'
import type { QueryResult } from './queryable.js'

/**
 * Runs one statement on a runner and gives the same shape for every kind of statement.
 * @throws AppError `database_away`; what the database says of the statement.
 */
export async function runStatement<Row>(
  runner: QueryRunner,
  sql: string,
  parameters: readonly unknown[],
): Promise<QueryResult<Row>> {
  try {
    const result = await runner.query(sql, [...parameters], true)
    return { rows: (result.records ?? []) as Row[], affected: result.affected ?? 0 }
  } catch (error) {
    throw unwrapped(error)
  }
}

/** TypeORM puts what a statement threw into an error of its own: an error of ours is to be known by its class. */
export function unwrapped(thrown: unknown): unknown {
  if (!(thrown instanceof QueryFailedError)) return thrown
  const cause: unknown = thrown.driverError
  return cause instanceof AppError ? cause : thrown
}
