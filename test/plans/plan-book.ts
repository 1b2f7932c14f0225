import type { Pool } from 'pg'
import { isPrepared, type QueryResult, type Transaction } from '#database'
import { genericPlan } from './generic-plans.js'

/** Tables with fewer rows than this may be read whole. */
const BIG = 1_000

/** A node of a plan as `EXPLAIN (FORMAT JSON)` writes it, as far as it is looked at. */
export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly Filter?: string
  readonly Plans?: readonly PlanNode[]
}

/** How PostgreSQL would run one statement. */
export interface Explained {
  readonly sql: string
  readonly plan: PlanNode
}

/**
 * Takes the statements that repositories send and asks how they would be run. Nothing is executed: each statement answers
 * one row without columns.
 */
export class PlanBook {
  /** Every statement that was sent. */
  readonly statements: string[] = []
  /** Those among them that are prepared, with the number of their parameters. */
  readonly hot = new Map<string, number>()
  readonly #called = new Set<string>()
  readonly #big = new Set<string>()

  constructor(private readonly pool: Pool) {}

  /** Learns which tables are big; call it once they are filled and analysed. */
  async open(): Promise<void> {
    const { rows } = await this.pool.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND reltuples >= $1`,
      [BIG],
    )
    for (const { name } of rows) this.#big.add(name)
  }

  /** What was called of what `watched` gave out: `Name.method`. */
  get called(): ReadonlySet<string> {
    return this.#called
  }

  /** The same object; which of its methods are called is noted under the name. */
  watched<Room extends object>(name: string, room: Room): Room {
    return new Proxy(room, {
      get: (target, key): unknown => {
        const value: unknown = Reflect.get(target, key)
        if (typeof value === 'function') this.#called.add(`${name}.${String(key)}`)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
  }

  /** The plans of all statements that the work sends. */
  async plansOf(work: (q: Transaction) => unknown): Promise<Explained[]> {
    const plans: Explained[] = []
    const sent: Promise<unknown>[] = []
    const explaining = {
      send: (sql: string, parameters?: readonly unknown[]) => void sent.push(explaining.query(sql, parameters)),
      query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult<Row>> => {
        plans.push(...(await this.#explain(sql, parameters)))
        return { rows: [{} as Row], affected: 0 }
      },
    }
    await work(explaining as unknown as Transaction)
    await Promise.all(sent)
    return plans
  }

  /** The same of work on a pool; each statement answers nothing. */
  async plansOnPool(work: (pool: Pool) => Promise<unknown>): Promise<Explained[]> {
    const plans: Explained[] = []
    const query = async (sql: string, parameters: readonly unknown[] = []) => {
      if (!/^(BEGIN|COMMIT|ROLLBACK)$/i.test(sql)) plans.push(...(await this.#explain(sql, parameters)))
      return { rows: [] }
    }
    const client = { query, release: () => undefined }
    await work({ query, connect: () => Promise.resolve(client) } as unknown as Pool)
    return plans
  }

  /** The big tables that a plan reads from end to end. */
  tablesRead({ plan }: Explained): string[] {
    return nodesOf(plan)
      .filter((node) => node['Node Type'] === 'Seq Scan' && this.#big.has(node['Relation Name'] ?? ''))
      .map((node) => node['Relation Name']!)
  }

  /** The plan for these parameters, and that for any where the statement is prepared. */
  async #explain(sql: string, parameters: readonly unknown[]): Promise<Explained[]> {
    this.statements.push(sql)
    const { rows } = await this.pool.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
      `EXPLAIN (FORMAT JSON) ${sql}`,
      [...parameters],
    )
    const plan = { sql, plan: rows[0]!['QUERY PLAN'][0].Plan }
    if (!isPrepared(sql)) return [plan]
    const isNew = !this.hot.has(sql)
    this.hot.set(sql, parameters.length)
    return isNew ? [plan, { sql, plan: await genericPlan(this.pool, sql, parameters.length) }] : [plan]
  }
}

function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
}

/** A plan to read in a failure, one node to a line. */
export function shown({ plan }: Explained, depth = 0): string {
  const { 'Node Type': type, 'Relation Name': table, 'Index Name': index } = plan
  const conditions = [plan['Index Cond'], plan.Filter].filter((one) => one !== undefined)
  const line = [type, table && `on ${table}`, index && `by ${index}`, ...conditions].filter(Boolean).join(' ')
  const inner = (plan.Plans ?? []).map((node) => shown({ sql: '', plan: node }, depth + 1))
  return [`${'  '.repeat(depth)}${line}`, ...inner].join('\n')
}
