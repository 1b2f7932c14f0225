import type { PoolClient } from 'pg'
import type { Queryable, QueryResult } from './queryable.js'
import { runStatement } from './statement.js'

/** What PostgreSQL says to a COMMIT that it has carried out; a transaction in which something failed is rolled back. */
const COMMITTED = 'COMMIT'

/** An open transaction. Made by `UnitOfWork` alone; passed on explicitly. */
export class Transaction implements Queryable {
  readonly #client: PoolClient
  readonly #sent: Promise<unknown>[] = []
  readonly #afterCommit: (() => void)[] = []

  constructor(client: PoolClient) {
    this.#client = client
  }

  query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult<Row>> {
    return runStatement<Row>(this.#client, sql, parameters)
  }

  /**
   * Sends a statement whose answer changes nothing of what comes next, and does not wait: it goes to the database in one
   * packet with what follows it, in this order. If it fails, so does the transaction, by its error.
   */
  send(sql: string, parameters: readonly unknown[] = []): void {
    const answered = this.query(sql, parameters)
    answered.catch(() => undefined) // `commit` tells it
    this.#sent.push(answered)
  }

  /** Called once the commit is stored, never after a rollback. What throws here is the callee's to handle. */
  onCommit(callback: () => void): void {
    this.#afterCommit.push(callback)
  }

  /** Commits, and runs what was registered by `onCommit`; called by `UnitOfWork`. @throws what any statement met. */
  async commit(): Promise<void> {
    const committing = this.#client.query('COMMIT')
    const [{ command }] = await Promise.all([committing, ...this.#sent])
    if (command !== COMMITTED) throw new Error('a statement of the transaction had failed: nothing of it was stored')
    for (const callback of this.#afterCommit.splice(0)) callback()
  }
}
