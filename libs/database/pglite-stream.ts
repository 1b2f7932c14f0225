import { Duplex } from 'node:stream'
import type { PGliteThread } from './pglite-thread.js'

/** First byte of the protocol's Terminate message. */
const TERMINATE = 0x58

type Callback = (error?: Error | null) => void

/**
 * PGlite's wire protocol in the shape of a socket, so that the stock `pg` client speaks to the database in the process.
 * There is one backend session for ever: each new connection starts by cleaning up what the last one left.
 */
export class PGliteStream extends Duplex {
  constructor(private readonly db: PGliteThread) {
    super()
  }

  /** What `pg` calls instead of a TCP connect. */
  connect(): this {
    this.db.reset().then(
      () => this.emit('connect'),
      (error: Error) => this.destroy(error),
    )
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#execute(chunk, callback)
  }

  override _writev(chunks: { chunk: Buffer }[], callback: Callback): void {
    this.#execute(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback)
  }

  override _destroy(error: Error | null, callback: Callback): void {
    callback(error)
    // `pg` waits for 'close' after it has ended the connection.
  }

  #execute(message: Buffer, callback: Callback): void {
    if (message[0] === TERMINATE) {
      this.push(null)
      callback()
      return
    }
    this.db
      .execute(message)
      .then((answer) => {
        if (!this.destroyed) this.push(answer)
      })
      .then(() => callback(), callback)
  }
}
