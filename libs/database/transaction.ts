import type { EntityManager, QueryRunner } from 'typeorm'
import type { Queryable, QueryResult } from './queryable.js'
import { runStatement } from './statement.js'

/** An open transaction. Made by `UnitOfWork` alone; passed on explicitly. */
export class Transaction implements Queryable {
  readonly #runner: QueryRunner
  readonly #afterCommit: (() => void)[] = []

  constructor(runner: QueryRunner) {
    this.#runner = runner
  }

  /** TypeORM's manager of this transaction. */
  get manager(): EntityManager {
    return this.#runner.manager
  }

  query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult<Row>> {
    return runStatement<Row>(this.#runner, sql, parameters)
  }

  /** Called once the commit is stored, never after a rollback. What throws here is the callee's to handle. */
  onCommit(callback: () => void): void {
    this.#afterCommit.push(callback)
  }

  /** Runs what was registered by `onCommit`; called by `UnitOfWork`. */
  committed(): void {
    for (const callback of this.#afterCommit.splice(0)) callback()
  }
}
