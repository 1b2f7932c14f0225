import { createHash } from 'node:crypto'

const names = new Map<string, string>()

/** How many statements are sent under names before plans are made anew for the first time; then after twice as many. */
const FIRST_PLANS = 64

/**
 * Marks a statement that is sent all the time: the server parses it once for each connection, and may keep its plan.
 * Answers the text itself, which is sent as every other is; whether the mark is followed is the pool's to know.
 *
 * Only for constant texts, while modules load: each stays in the server's memory, once for every connection. What is
 * selected must be listed: with `*`, a column that a newer version's migration adds would fail the statement.
 */
export function prepared(sql: string): string {
  names.set(sql, `s${createHash('sha256').update(sql).digest('hex').slice(0, 16)}`)
  return sql
}

/** All that were marked so far. */
export function preparedTexts(): string[] {
  return [...names.keys()]
}

/** Whether a statement was marked. */
export function isPrepared(sql: string): boolean {
  return names.has(sql)
}

/** The names of marked statements on one connection. */
export class PreparedNames {
  #age = 0
  #sent = 0
  #planAnewAt = FIRST_PLANS

  /** Undefined for a statement that was not marked. */
  of(sql: string): string | undefined {
    const name = names.get(sql)
    return name === undefined || this.#age === 0 ? name : `${name}_${this.#age}`
  }

  /**
   * Counts a statement that is about to be sent under its name; true when all plans should be thrown away first. A plan
   * that was kept is for tables of the size that they had: read from end to end while they were small. PostgreSQL makes
   * new ones when it has analysed a table; the embedded database never does.
   */
  planAnew(): boolean {
    this.#sent += 1
    if (this.#sent < this.#planAnewAt) return false
    this.#planAnewAt = this.#sent * 2
    return true
  }

  /**
   * Is told of errors: a column has another type than when a statement was parsed, by the migration of another
   * process. That statement has failed; from now on all are parsed anew, under other names.
   */
  failed(error: unknown): void {
    if ((error as { routine?: unknown } | null)?.routine === 'RevalidateCachedQuery') this.#age += 1
  }
}
