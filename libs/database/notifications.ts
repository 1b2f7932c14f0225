import { Client } from 'pg'
import { type Clock, type Logger, type Timer } from '#kernel'
import { SERVER_KEEPALIVE } from './server-keepalive.js'

/** How long connecting may take, and how often a lost connection is tried anew, in ms. */
const CONNECT_TIMEOUT_MS = 5_000
const RECONNECT_MS = 500
/** A connection that does not answer for this long is given up; how often it is asked, in ms. */
const SILENCE_MS = 5_000
const ASK_MS = 5_000

/** Who hears. */
export interface Hearing {
  readonly heard: (payload: string) => void
  /** The connection was lost and is back: what was told meanwhile was not heard. */
  readonly resumed: () => void
}

/** Hears what is told on a channel of the PostgreSQL server (`LISTEN`), by a connection of its own that comes back. */
export class Notifications {
  #client: Client | null = null
  #timer: Timer | null = null
  #isClosed = false
  #wasOpen = false

  constructor(
    private readonly uri: string,
    private readonly channel: string,
    private readonly hearing: Hearing,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Never rejects: a server that is away is tried until `close`. */
  async open(): Promise<void> {
    try {
      await this.#connect()
    } catch (err) {
      if (!this.#isClosed) this.logger.warn({ err }, 'what other processes tell cannot be heard')
      this.#again()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    const client = this.#client
    this.#client = null
    await client?.end()
  }

  async #connect(): Promise<void> {
    const client = new Client({
      connectionString: this.uri,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: SILENCE_MS,
      keepAlive: true,
      application_name: 'signalbox signals',
    })
    client.on('error', (err) => this.#lost(client, err))
    client.on('end', () => this.#lost(client, new Error('the connection has ended')))
    client.on('notification', ({ payload }) => this.hearing.heard(payload ?? ''))
    try {
      await client.connect()
      await client.query(`SELECT ${SERVER_KEEPALIVE}; LISTEN ${this.channel}`)
    } catch (error) {
      void client.end().catch(() => undefined) // it never was
      throw error
    }
    if (this.#isClosed) return client.end()
    this.#client = client
    if (this.#wasOpen) this.hearing.resumed()
    this.#wasOpen = true
    this.#askLater(client)
  }

  /** A connection whose other end is gone says nothing by itself. */
  #askLater(client: Client): void {
    this.#timer = this.clock.after(ASK_MS, () => {
      client.query('SELECT 1').then(
        () => this.#client === client && this.#askLater(client),
        (err: unknown) => this.#lost(client, err),
      )
    })
  }

  #lost(client: Client, err: unknown): void {
    if (this.#client !== client) return
    this.#client = null
    this.#timer?.cancel()
    this.logger.warn({ err }, 'the connection that hears other processes is lost')
    void client.end().catch(() => undefined) // it is gone already
    this.#again()
  }

  #again(): void {
    if (!this.#isClosed) this.#timer = this.clock.after(RECONNECT_MS, () => void this.open())
  }
}
