/** What a statement gave back. */
export interface QueryResult<Row> {
  readonly rows: Row[]
  /** Rows inserted, updated or deleted. */
  readonly affected: number
}

/**
 * Where a repository sends its SQL: the pool (`Database`) or an open `Transaction`. Repositories take it as an
 * argument, so that no statement inside a transaction can go round it: on the embedded database, which has one
 * connection, that would wait for itself.
 */
export interface Queryable {
  /**
   * Runs one statement; parameters are `$1`, `$2`, … A `jsonb` parameter is passed as text from `toJsonb`.
   * Column names come back as written; `timestamptz` as Date, `jsonb` parsed, `bytea` as Buffer.
   */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<QueryResult<Row>>
}
