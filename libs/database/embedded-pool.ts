import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DataFolderLock, type LockWatch } from './data-folder-lock.js'
import { PGliteStream } from './pglite-stream.js'
import { PGliteThread } from './pglite-thread.js'
import { ReportingPool } from './reporting-pool.js'
import { settle } from './settle.js'
import { initialiseFolder } from './template-folder.js'

/** How long a statement may wait for the one connection, in ms. */
const CONNECTION_WAIT_MS = 30_000

/** What opening needs. */
export interface EmbeddedOptions {
  /** The data folder. */
  readonly dir: string
  /** Whether pgvector can be switched on. It costs a start some time, so only who needs it loads it. */
  readonly vectors?: boolean
}

/** Told of what the database cannot go on after. */
export interface EmbeddedWatch extends LockWatch {
  /** The thread of the database has ended by itself. */
  readonly died: (reason: Error) => void
}

/**
 * The stock pool over the database in the process: one connection. Ending the pool, however often, closes the database
 * and gives the folder back.
 */
export class EmbeddedPool extends ReportingPool {
  #closed: Promise<void> | null = null

  private constructor(
    private readonly db: PGliteThread,
    private readonly lock: DataFolderLock,
  ) {
    super(
      {
        max: 1,
        idleTimeoutMillis: 0,
        connectionTimeoutMillis: CONNECTION_WAIT_MS,
        user: 'postgres',
        database: 'postgres',
        password: '',
        stream: () => new PGliteStream(db),
      },
      { watch: null, named: true },
    )
  }

  /**
   * Opens the database in `postgres` of the data folder, making both where they are new; the lock lies in the data
   * folder itself. @throws AppError `start_refused` when it is in use.
   */
  static async open({ dir: dataDir, vectors }: EmbeddedOptions, watch: EmbeddedWatch): Promise<EmbeddedPool> {
    mkdirSync(dataDir, { recursive: true })
    const lock = await DataFolderLock.acquire(dataDir, watch)
    const dir = join(dataDir, 'postgres')
    try {
      await initialiseFolder(dir)
      const pool = new EmbeddedPool(await PGliteThread.open({ dir, vectors: vectors === true }, watch.died), lock)
      await pool.query('SELECT 1')
      return pool
    } catch (error) {
      lock.release()
      throw error
    }
  }

  override end(): Promise<void>
  override end(callback: (error?: Error) => void): void
  override end(callback?: (error?: Error) => void): Promise<void> | void {
    this.#closed ??= this.#close()
    return settle(this.#closed, callback)
  }

  async #close(): Promise<void> {
    try {
      await super.end()
      await this.db.close()
    } finally {
      this.lock.release()
    }
  }
}
