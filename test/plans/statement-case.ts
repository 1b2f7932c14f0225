import type { Pool } from 'pg'
import type { Visibility } from '#auth'
import type { Transaction } from '#database'

/** A use of a repository: what it is for, and the calls. */
export type StatementCase = readonly [title: string, work: (q: Transaction) => unknown]

/** The same of what takes its own connection. */
export type PoolCase = readonly [title: string, work: (pool: Pool) => Promise<unknown>]

/** Every combination, the titles joined. */
export function combined<One, Other>(
  ones: Readonly<Record<string, One>>,
  others: Readonly<Record<string, Other>>,
): [title: string, one: One, other: Other][] {
  return Object.entries(ones).flatMap(([title, one]) =>
    Object.entries(others).map(([second, other]): [string, One, Other] => [`${title}, ${second}`, one, other]),
  )
}

/** Every order that a client can ask for. */
export function ordersBy<Field extends string>(fields: readonly Field[]) {
  const directions = ['asc', 'desc'] as const
  const orders = fields.flatMap((by) => directions.map((direction) => ({ by, direction })))
  return Object.fromEntries(orders.map((order) => [`by ${order.by} ${order.direction}`, order]))
}

const OWN = { op: 'eq', key: 'owner', value: 'u7' } as const
const TAGGED = { op: 'contains', key: 'tags', values: ['s7'] } as const

/** What authorisation can let a caller see. */
export const VISIBILITIES: Readonly<Record<string, Visibility>> = {
  'seen by their owner': OWN,
  'seen by a tag': TAGGED,
  'seen by either': { op: 'or', parts: [OWN, TAGGED] },
}
