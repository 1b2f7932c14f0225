import { Client, type ClientBase } from 'pg'
import { type Logger, SystemClock } from '#kernel'
import { databaseInUse } from './database.errors.js'
import { LostAnswers } from './lost-answers.js'
import { ReportingPool } from './reporting-pool.js'
import { serverAnswers } from './server-answers.js'
import { SERVER_KEEPALIVE } from './server-keepalive.js'
import { settle } from './settle.js'
import { StallWatch } from './stall-watch.js'
import { startFault } from './start-fault.js'

/** How long the start waits for the server, in ms. */
const CONNECT_TIMEOUT_MS = 10_000
/** How long a statement may wait for a connection, and a connection for the server, in ms: requests wait for it. */
const CHECKOUT_TIMEOUT_MS = 5_000
/**
 * Key of the advisory lock that says «a signalbox process is at work here»: exclusive for one without Redis, which must be
 * the only one, and shared by those with Redis.
 */
const SINGLE_PROCESS_LOCK = 7_264_871_001
const LOCK_RETRY_MS = 2_000

/** What opening needs. */
export interface PostgresOptions {
  readonly uri: string
  readonly poolSize: number
  /** Whether hot statements are prepared. True when absent. */
  readonly preparedStatements?: boolean | undefined
  readonly logger: Logger
  /** Whether other processes may be at work on the database: they are told of live events by Redis. */
  readonly isShared: boolean
}

/**
 * The stock pool over a PostgreSQL server. While it is open it holds an advisory lock on a connection of its own:
 * a second process would silently miss live events where there is no Redis (design section 2).
 */
export class PostgresPool extends ReportingPool {
  #guard: Client | null = null
  #retry: NodeJS.Timeout | null = null
  #closed: Promise<void> | null = null

  private constructor(
    private readonly settings: PostgresOptions,
    private readonly stalls: StallWatch,
    private readonly lostAnswers: LostAnswers,
  ) {
    // The pool waits for it, whatever its typings say.
    const greeting = { onConnect: (client: ClientBase) => lostAnswers.greet(client) }
    super(
      {
        connectionString: settings.uri,
        max: settings.poolSize,
        connectionTimeoutMillis: CHECKOUT_TIMEOUT_MS,
        keepAlive: true,
        application_name: 'signalbox',
        ...greeting,
      },
      { watch: stalls, named: settings.preparedStatements ?? true },
    )
    this.#outliveLosses()
    lostAnswers.watch(this)
  }

  /**
   * A connection that breaks while nobody asks it something says so by an event alone, which ends the process where
   * nobody listens. Who uses the connection learns of it by the next statement.
   */
  #outliveLosses(): void {
    const { logger } = this.settings
    this.on('connect', (client) => {
      client.on('error', (err) => logger.warn({ err }, 'a connection to the database is lost'))
    })
    this.on('error', () => undefined) // the same of an idle one, once more
  }

  /** @throws AppError `start_refused` when the server cannot be reached, or a process is at work that must be alone. */
  static async open(settings: PostgresOptions): Promise<PostgresPool> {
    const stalls = new StallWatch(new SystemClock(), () => serverAnswers(settings.uri))
    const pool = new PostgresPool(settings, stalls, new LostAnswers(settings.uri, settings.logger))
    try {
      if (!(await pool.#takeLock())) throw databaseInUse(settings.isShared)
      return pool
    } catch (error) {
      await pool.end()
      throw startFault(error) ?? error
    }
  }

  override end(): Promise<void>
  override end(callback: (error?: Error) => void): void
  override end(callback?: (error?: Error) => void): Promise<void> | void {
    this.#closed ??= this.#close()
    return settle(this.#closed, callback)
  }

  async #close(): Promise<void> {
    this.lostAnswers.close()
    if (this.#retry) clearTimeout(this.#retry)
    this.stalls.close()
    try {
      await this.#guard?.end()
    } finally {
      await super.end()
    }
  }

  async #takeLock(): Promise<boolean> {
    const guard = new Client({
      connectionString: this.settings.uri,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'signalbox guard',
    })
    guard.on('error', (err) => this.settings.logger.warn({ err }, 'the connection that guards the database is lost'))
    await guard.connect()
    const tryLock = this.settings.isShared ? 'pg_try_advisory_lock_shared' : 'pg_try_advisory_lock'
    const answer = await guard.query<{ taken: boolean }>(`SELECT ${tryLock}($1) AS taken, ${SERVER_KEEPALIVE}`, [
      SINGLE_PROCESS_LOCK,
    ])
    if (answer.rows[0]?.taken !== true) {
      await guard.end()
      return false
    }
    this.#guard = guard
    guard.once('end', () => this.#retakeLater())
    return true
  }

  /** The server went away: the lock is taken anew once it is back. */
  #retakeLater(): void {
    if (this.#closed) return
    this.#guard = null
    this.#retry = setTimeout(() => {
      this.#takeLock().then(
        (taken) => taken || this.#lockLost(),
        () => this.#retakeLater(),
      )
    }, LOCK_RETRY_MS)
    this.#retry.unref()
  }

  #lockLost(): void {
    this.settings.logger.error({}, databaseInUse(this.settings.isShared).message)
    this.#retakeLater()
  }
}
