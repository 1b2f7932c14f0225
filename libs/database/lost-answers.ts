import type { ClientBase, Pool, PoolClient, QueryConfig } from 'pg'
import type { Logger } from '#kernel'
import { askServer } from './ask-server.js'
import { breakConnection } from './break-connection.js'
import { SERVER_KEEPALIVE } from './server-keepalive.js'

/** How long a connection may be taken before it is asked about, and how often that is looked at, in ms. */
const SUSPECT_AFTER_MS = 10_000
const LOOK_MS = 5_000
/** How long the server may take to tell, in ms. */
const ASK_TIMEOUT_MS = 5_000

/**
 * How long a transaction may say nothing before the server undoes it, in ms: the process was stopped, or its network is
 * gone, and its locks hold up everybody. Ours only compute between two statements.
 */
const TRANSACTION_SILENCE_MS = 10_000

/** A connection that is in use, since when, and whether the last look found that the server has nothing to do for it. */
interface Taken {
  readonly since: number
  isIdleThere: boolean
}

/**
 * Ends connections whose answer is lost. A network that drops what it carries tells neither end: who waits for an answer
 * would do so until the system gives up, many minutes later, and the pool would fill with those that wait. A statement
 * that takes long is none of them: the server is asked what it does for a connection that has been in use for long, and
 * one for which it twice has nothing to do is ended; whoever waits learns that it is lost.
 */
export class LostAnswers {
  readonly #taken = new Map<PoolClient, Taken>()
  /** The server's process of each connection, as the server says: a pooler between has numbers of its own. */
  readonly #pids = new WeakMap<ClientBase, number>()
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(
    private readonly uri: string,
    private readonly logger: Logger,
  ) {}

  /** To be called with each new connection before it is used. @throws when the server does not answer. */
  async greet(client: ClientBase): Promise<void> {
    const { rows } = await client.query<{ pid: number }>({
      text: `SELECT pg_backend_pid() AS pid, set_config('idle_in_transaction_session_timeout', $1, false),
                    ${SERVER_KEEPALIVE}`,
      values: [String(TRANSACTION_SILENCE_MS)],
      query_timeout: ASK_TIMEOUT_MS,
    } as QueryConfig)
    if (rows[0]) this.#pids.set(client, rows[0].pid)
  }

  watch(pool: Pool): void {
    pool.on('acquire', (client) => {
      this.#taken.set(client, { since: Date.now(), isIdleThere: false })
      this.#timer ??= this.#later()
    })
    pool.on('release', (_error, client) => this.#taken.delete(client))
    pool.on('remove', (client) => this.#taken.delete(client))
  }

  close(): void {
    this.#isClosed = true
    if (this.#timer) clearTimeout(this.#timer)
  }

  #later(): NodeJS.Timeout {
    return setTimeout(() => void this.#look(), LOOK_MS).unref()
  }

  /** Never rejects: a server that is away is asked again. */
  async #look(): Promise<void> {
    const longAgo = Date.now() - SUSPECT_AFTER_MS
    const suspects = new Map([...this.#taken].filter(([, { since }]) => since < longAgo))
    try {
      if (suspects.size > 0) await this.#endLost(suspects)
    } catch (err) {
      this.logger.debug({ err }, 'what the database does for its connections could not be asked')
    }
    this.#timer = this.#taken.size > 0 && !this.#isClosed ? this.#later() : null
  }

  async #endLost(suspects: ReadonlyMap<PoolClient, Taken>): Promise<void> {
    const atWork = await this.#atWork([...suspects.keys()].map((client) => this.#pids.get(client) ?? 0))
    for (const [client, taken] of suspects) {
      // It may have been given back meanwhile, and taken anew.
      if (this.#taken.get(client) !== taken) continue
      const wasIdle = taken.isIdleThere
      taken.isIdleThere = !atWork.has(this.#pids.get(client) ?? 0)
      if (wasIdle && taken.isIdleThere) breakConnection(client)
    }
  }

  /** For which of these the server does something now. */
  async #atWork(pids: readonly number[]): Promise<ReadonlySet<number>> {
    const { rows } = await askServer(this.uri, { name: 'signalbox watch', timeoutMs: ASK_TIMEOUT_MS }, (client) =>
      client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE pid = ANY($1::integer[]) AND state NOT LIKE 'idle%'`,
        [pids],
      ),
    )
    return new Set(rows.map(({ pid }) => pid))
  }
}
