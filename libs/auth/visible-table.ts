import type { Queryable } from '#database'
import type { Visibility } from './metadata-filter.js'
import { visibleSql } from './visible-sql.js'

/** How the rows of a table are found; each is a piece of SQL. */
interface TableSql {
  readonly name: string
  readonly columns: string
  /** The condition of a search, over its own parameters from $1 on. */
  readonly matches: string
}

/** What is looked for, and for whom. */
export interface VisibleQuery {
  /** Those of the condition `matches`. */
  readonly parameters: readonly unknown[]
  readonly visibility: Visibility
}

/** Lists and counts the rows of a table that match and that a caller may see, by the column `metadata`. */
export class VisibleTable<Row> {
  constructor(private readonly table: TableSql) {}

  /** @param orderBy SQL. */
  async search(
    q: Queryable,
    query: VisibleQuery,
    orderBy: string,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<Row[]> {
    const { from, parameters } = this.#from(query)
    const bounds = `LIMIT $${parameters.push(page.limit)} OFFSET $${parameters.push(page.offset)}`
    const sql = `SELECT ${this.table.columns} ${from} ORDER BY ${orderBy} ${bounds}`
    return (await q.query<Row>(sql, parameters)).rows
  }

  async count(q: Queryable, query: VisibleQuery): Promise<number> {
    const { from, parameters } = this.#from(query)
    const { rows } = await q.query<{ count: string }>(`SELECT count(*) AS count ${from}`, parameters)
    return Number(rows[0]?.count)
  }

  #from({ parameters: own, visibility }: VisibleQuery): { from: string; parameters: unknown[] } {
    const parameters = [...own]
    const visible = visibleSql(visibility, 'metadata', parameters)
    return { from: `FROM ${this.table.name} WHERE (${this.table.matches}) AND ${visible}`, parameters }
  }
}
