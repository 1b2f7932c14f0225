import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common'
import { SchedulerRegistry } from '@nestjs/schedule'
import { Settings } from '#config'
import { Database } from '#database'
import { Clock, Logger } from '#kernel'
import { StoreRepository } from './store.repository.js'

const INTERVAL_NAME = 'store.sweep'
/** Small, so that a full table does not hold up others. */
const BATCH = 1000
const MINUTE_MS = 60_000
const MIN_INTERVAL_MS = 1000

/** Removes what has expired. Readers do not see it before already: a sweep that is late or fails costs room only. */
@Injectable()
export class StoreSweeper implements BeforeApplicationShutdown {
  #sweeping: Promise<void> | null = null
  #isStopping = false

  constructor(
    private readonly settings: Settings,
    private readonly scheduler: SchedulerRegistry,
    private readonly database: Database,
    private readonly items: StoreRepository,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Begins to sweep by the configured interval; called by the composition root. */
  start(): void {
    if (this.scheduler.doesExist('interval', INTERVAL_NAME)) return
    const everyMs = Math.max(MIN_INTERVAL_MS, this.settings.store.sweepIntervalMinutes * MINUTE_MS)
    const timer = setInterval(() => void this.sweep(), everyMs)
    timer.unref()
    this.scheduler.addInterval(INTERVAL_NAME, timer)
  }

  /** Removes all that has expired, in batches; one sweep at a time. Never rejects. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep()
      .catch((err: unknown) => this.logger.error({ err }, 'expired items of the store could not be removed'))
      .finally(() => (this.#sweeping = null))
    return this.#sweeping
  }

  /** Ends before the database is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopping = true
    if (this.scheduler.doesExist('interval', INTERVAL_NAME)) this.scheduler.deleteInterval(INTERVAL_NAME)
    await this.#sweeping
  }

  async #sweep(): Promise<void> {
    let removed = BATCH
    while (removed === BATCH && !this.#isStopping) {
      removed = await this.items.removeExpired(this.database, BATCH, this.clock.now())
    }
  }
}
