import { Pool, type PoolClient, type PoolConfig } from 'pg'
import { saysAway } from './away.js'
import { databaseAway } from './database.errors.js'
import type { StallWatch } from './stall-watch.js'

type Checkout = Parameters<Pool['connect']>[0]
type Send = (...query: unknown[]) => unknown
type Answer = (error: Error | null, result?: unknown) => void

/**
 * The stock pool, whose errors say when the database is away: here it is still known that a broken socket is the
 * database's and not some receiver's or a graph's. TypeORM and LangGraph's saver get the same.
 */
export class ReportingPool extends Pool {
  /** `watch` looks after statements that are never answered; null where the database is in the process. */
  constructor(config: PoolConfig, watch: StallWatch | null) {
    super(config)
    this.on('connect', (client) => reportQueries(client, watch))
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

/** Both forms of `query` that end by an answer, with a callback and with a promise. */
function reportQueries(client: PoolClient, watch: StallWatch | null): void {
  const send = client.query.bind(client) as Send
  const watched = () => watch?.sent(() => giveUp(client)) ?? (() => undefined)
  client.query = ((...query: unknown[]): unknown => {
    const callback = query.at(-1)
    if (typeof callback === 'function') {
      const answered = watched()
      query[query.length - 1] = ((error, result) => {
        answered()
        ;(callback as Answer)(error && (reported(error) as Error), result)
      }) satisfies Answer
      return send(...query)
    }
    const sent = send(...query)
    return sent instanceof Promise ? reportPromise(sent, watched()) : sent
  }) as PoolClient['query']
}

async function reportPromise(sent: Promise<unknown>, answered: () => void): Promise<unknown> {
  try {
    return await sent
  } catch (error) {
    throw reported(error)
  } finally {
    answered()
  }
}

/** Breaks the connection: whatever waits on it fails, and the pool makes another. */
function giveUp(client: PoolClient): void {
  const { stream } = client.connection as unknown as { stream: { destroy(error: Error): void } }
  stream.destroy(Object.assign(new Error('The database does not answer'), { code: 'ETIMEDOUT' }))
}
