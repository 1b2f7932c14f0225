import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Settings } from '#config'
import { Database } from '#database'
import { Clock, Logger, type Timer } from '#kernel'
import { retentionCutoffs } from './retention-policy.js'
import { RetentionRepository, type SweptBatch } from './retention.repository.js'

/** From the end of one sweep to the next. */
const INTERVAL_MS = 60_000
/** Small, so that one statement does not hold up others. */
export const BATCH = 500
/** Batches of one kind in one sweep; the rest is left to the next one. */
export const MAX_BATCHES = 100

/** Removes bodies and deliveries that are no longer kept (webhooks contract section 5, «retention»). */
@Injectable()
export class RetentionSweeper implements BeforeApplicationShutdown {
  #sweeping: Promise<void> | null = null
  #timer: Timer | null = null
  #isStopping = false

  constructor(
    private readonly settings: Settings,
    private readonly database: Database,
    private readonly repository: RetentionRepository,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Begins to sweep once a minute; called by the composition root. */
  start(): void {
    if (!this.#isStopping) this.#timer ??= this.#later()
  }

  /** Removes what is over, in batches; one sweep at a time. Never rejects. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep()
      .catch((err: unknown) => this.logger.error({ err }, 'webhooks that are over could not be removed'))
      .finally(() => (this.#sweeping = null))
    return this.#sweeping
  }

  /** Waits for the batch in hand: the database is closed after this. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopping = true
    this.#timer?.cancel()
    await this.#sweeping
  }

  #later(): Timer {
    return this.clock.after(INTERVAL_MS, () => void this.sweep().finally(() => this.#again()))
  }

  #again(): void {
    if (!this.#isStopping) this.#timer = this.#later()
  }

  /** Bodies first: rows are found by having none. */
  async #sweep(): Promise<void> {
    const cutoffs = retentionCutoffs(this.clock.now(), this.settings.webhooks.retentionMs)
    const { database, repository } = this
    const settled = await this.#batches((after) => repository.emptySettled(database, cutoffs, after, BATCH))
    const emptied = settled + (await this.#batches((after) => repository.emptyDead(database, cutoffs, after, BATCH)))
    const removed = await this.#batches((after) => repository.removeRows(database, cutoffs, after, BATCH))
    if (removed + emptied > 0) this.logger.info({ removed, emptied }, 'webhooks that are over were removed')
  }

  async #batches(next: (after: Date | null) => Promise<SweptBatch>): Promise<number> {
    let total = 0
    let after: Date | null = null
    for (let batches = 0; batches < MAX_BATCHES && !this.#isStopping; batches += 1) {
      const { count, until } = await next(after)
      total += count
      if (count < BATCH) break
      after = until
      await nextTurn()
    }
    return total
  }
}
