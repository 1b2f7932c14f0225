import type { Clock, Timer } from '#kernel'

/** How long a statement may go unanswered before the server is asked whether it is there, in ms. */
const STALL_MS = 1_500

interface Sent {
  readonly atMs: number
  /** Gives the statement up. */
  readonly end: () => void
}

/**
 * Tells a server that is busy from one that is gone without a word: packets into a void are never answered, and TCP gives
 * up after a quarter of an hour. A statement has no time limit of its own (an index takes its time to build, and a lock
 * is waited for); but while one waits, the server is asked by a connection of its own, and where that is not answered
 * either, all that have waited are given up.
 */
export class StallWatch {
  readonly #waiting = new Set<Sent>()
  #timer: Timer | null = null

  /** `answers` asks the server; it must settle in bounded time. */
  constructor(
    private readonly clock: Clock,
    private readonly answers: () => Promise<boolean>,
  ) {}

  /** A statement was sent; returns what is to be called once it has been answered. */
  sent(end: () => void): () => void {
    const statement = { atMs: this.#now(), end }
    this.#waiting.add(statement)
    this.#lookLater()
    return () => void this.#waiting.delete(statement)
  }

  /** Looks no more. */
  close(): void {
    this.#timer?.cancel()
    this.#waiting.clear()
  }

  #lookLater(): void {
    this.#timer ??= this.clock.after(STALL_MS, () => void this.#look())
  }

  async #look(): Promise<void> {
    const stalled = [...this.#waiting].filter(({ atMs }) => atMs <= this.#now() - STALL_MS)
    if (stalled.length > 0 && !(await this.answers())) {
      for (const statement of stalled) if (this.#waiting.delete(statement)) statement.end()
    }
    this.#timer = null
    if (this.#waiting.size > 0) this.#lookLater()
  }

  #now(): number {
    return this.clock.now().getTime()
  }
}
