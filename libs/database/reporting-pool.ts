import { Pool, type PoolClient, type PoolConfig } from 'pg'
import { saysAway } from './away.js'
import { breakConnection } from './break-connection.js'
import { gatherWrites } from './connection-stream.js'
import { databaseAway } from './database.errors.js'
import { PreparedNames } from './prepared.js'
import type { StallWatch } from './stall-watch.js'

type Checkout = Parameters<Pool['connect']>[0]
type Send = (...query: unknown[]) => unknown
type Answer = (error: Error | null, result?: unknown) => void
type Ended = (error: unknown) => void

/** What a pool does beside pooling. */
export interface ReportingOptions {
  /** Looks after statements that are never answered; null where the database is in the process. */
  readonly watch: StallWatch | null
  /** Whether statements that are marked by `prepared` are sent under a name. */
  readonly named: boolean
}

/**
 * The stock pool, whose errors say when the database is away: here it is still known that a broken socket is the
 * database's and not some receiver's or a graph's. TypeORM and LangGraph's saver get the same. Its connections send what
 * they are given without waiting for the answers before (`pipeline`).
 */
export class ReportingPool extends Pool {
  constructor(config: PoolConfig, options: ReportingOptions) {
    super({ ...config, pipeline: true })
    this.on('connect', (client) => reportQueries(client, options))
    // It tells of a connection that breaks under a statement by the connection's own error, before the statement's comes.
    this.query = reporting(super.query.bind(this) as Send, () => () => undefined) as Pool['query']
  }

  override connect(): Promise<PoolClient>
  override connect(callback: Checkout): void
  override connect(callback?: Checkout): Promise<PoolClient> | void {
    if (callback) return super.connect((error, client, done) => callback(error && reported(error), client, done))
    return super.connect().catch((error: unknown) => {
      throw reported(error)
    })
  }
}

/** AppError `database_away` with its cause where that is what it means; else the error as it is. */
function reported<Thrown>(thrown: Thrown): Thrown | Error {
  return saysAway(thrown) ? Object.assign(databaseAway(), { cause: thrown }) : thrown
}

/** Both forms of `query` that end by an answer, with a callback and with a promise; marked statements go under names. */
function reportQueries(client: PoolClient, { watch, named }: ReportingOptions): void {
  const send = client.query.bind(client) as Send
  const names = named ? new PreparedNames() : null
  const gather = gatherWrites(client)
  const begun = (): Ended => {
    const answered = watch?.sent(() => breakConnection(client))
    return (error) => {
      answered?.()
      names?.failed(error)
    }
  }
  const report = reporting(send, begun)
  client.query = ((...given: unknown[]): unknown => {
    gather()
    const query = names ? withName(names, given) : given
    // A transaction that has failed already refuses it, and tells whoever is in it by the next statement.
    if (query !== given && names?.planAnew()) send('DISCARD PLANS', () => undefined)
    return report(...query)
  }) as PoolClient['query']
}

/** The same sending, with errors that say when the database is away; `begun` is told of each statement and its answer. */
function reporting(send: Send, begun: () => Ended): Send {
  return (...query) => {
    const callback = query.at(-1)
    if (typeof callback !== 'function') {
      const sent = send(...query)
      return sent instanceof Promise ? reportPromise(sent, begun()) : sent
    }
    const ended = begun()
    const answer: Answer = (error, result) => {
      ended(error)
      ;(callback as Answer)(error && (reported(error) as Error), result)
    }
    return send(...query.slice(0, -1), answer)
  }
}

/** A marked text goes under its name: the client has the server parse it once, and sends the name from then on. */
function withName(names: PreparedNames, query: unknown[]): unknown[] {
  const [sql, values, ...rest] = query
  const name = typeof sql === 'string' && Array.isArray(values) ? names.of(sql) : undefined
  return name === undefined ? query : [{ name, text: sql, values }, ...rest]
}

async function reportPromise(sent: Promise<unknown>, ended: Ended): Promise<unknown> {
  try {
    const result = await sent
    ended(null)
    return result
  } catch (error) {
    ended(error)
    throw reported(error)
  }
}
