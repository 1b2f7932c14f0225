import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import type { Queryable, Transaction } from '#database'
import { Clock } from '#kernel'
import { RunQueueRepository } from './run-queue.repository.js'
import { runQueueFull } from './run.errors.js'

/** How long a count of the queue holds, in ms. */
const COUNT_HOLDS_MS = 1_000

/**
 * Says whether the queue has room for more runs. It is counted once a second at most, and only when a run is to be made;
 * what this process adds meanwhile is added to the count. So the limit is kept roughly: what other processes add in a
 * second goes over it, and runs that have left the queue are noticed as much later.
 */
@Injectable()
export class QueueRoom {
  #counted = 0
  /** Added here since. */
  #added = 0
  #countedAtMs = Number.NEGATIVE_INFINITY
  #counting: Promise<void> | null = null

  constructor(
    private readonly settings: Settings,
    private readonly repository: RunQueueRepository,
    private readonly clock: Clock,
  ) {}

  /** The most runs that one thread may have pending or running. */
  get perThread(): number {
    return this.settings.runs.maxPendingPerThread
  }

  /** Takes room for so many runs, which `tx` is to store. @throws AppError `run_queue_full`. */
  async take(tx: Transaction, runs: number): Promise<void> {
    const { maxPending } = this.settings.runs
    if (this.#nowMs() - this.#countedAtMs >= COUNT_HOLDS_MS) await this.#countOnce(tx, maxPending)
    if (this.#counted + this.#added + runs > maxPending) throw runQueueFull(maxPending)
    tx.onCommit(() => (this.#added += runs))
  }

  /** Those who come together share one count. */
  async #countOnce(q: Queryable, limit: number): Promise<void> {
    this.#counting ??= this.#count(q, limit).finally(() => {
      this.#counting = null
    })
    await this.#counting
  }

  async #count(q: Queryable, limit: number): Promise<void> {
    const before = this.#added
    this.#counted = await this.repository.countPending(q, limit)
    this.#added -= before
    this.#countedAtMs = this.#nowMs()
  }

  #nowMs(): number {
    return this.clock.now().getTime()
  }
}
