import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { Pool } from 'pg'
import { DataFolderLock } from './data-folder-lock.js'
import { PGliteStream } from './pglite-stream.js'
import { settle } from './settle.js'
import { initialiseFolder } from './template-folder.js'

/** How long a statement may wait for the one connection, in ms. */
const CONNECTION_WAIT_MS = 30_000

/**
 * The stock pool over the database in the process: one connection. Ending the pool closes the database and gives the
 * folder back.
 */
export class EmbeddedPool extends Pool {
  private constructor(
    private readonly db: PGlite,
    private readonly lock: DataFolderLock,
  ) {
    super({
      max: 1,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: CONNECTION_WAIT_MS,
      user: 'postgres',
      database: 'postgres',
      password: '',
      stream: () => new PGliteStream(db),
    })
  }

  /** Opens the folder, making it first where it is new. @throws AppError `start_refused` when it is in use. */
  static async open(dir: string): Promise<EmbeddedPool> {
    mkdirSync(dirname(dir), { recursive: true })
    const lock = await DataFolderLock.acquire(dirname(dir))
    try {
      await initialiseFolder(dir)
      const pool = new EmbeddedPool(await PGlite.create(dir), lock)
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
    return settle(this.#close(), callback)
  }

  async #close(): Promise<void> {
    await super.end()
    await this.db.close()
    this.lock.release()
  }
}
