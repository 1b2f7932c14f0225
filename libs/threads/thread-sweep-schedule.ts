import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common'
import { SchedulerRegistry } from '@nestjs/schedule'
import { Settings } from '#config'
import { Logger } from '#kernel'
import { ThreadSweeper } from './thread-sweeper.js'

/** The name of the interval in the scheduler's registry. */
export const THREAD_SWEEP = 'threads.ttl-sweep'

const MINUTE_MS = 60_000
const MIN_INTERVAL_MS = 1_000

/** Sweeps at the interval that `checkpointer.ttl` sets; a sweep that takes longer lets the next one fall out. */
@Injectable()
export class ThreadSweepSchedule implements BeforeApplicationShutdown {
  #sweeping: Promise<void> | null = null

  constructor(
    private readonly registry: SchedulerRegistry,
    private readonly sweeper: ThreadSweeper,
    private readonly settings: Settings,
    private readonly logger: Logger,
  ) {}

  /** Begins to sweep; called by the composition root. */
  start(): void {
    const intervalMs = Math.max(MIN_INTERVAL_MS, this.settings.threadTtl.sweepIntervalMinutes * MINUTE_MS)
    const interval = setInterval(() => void this.#tick(), intervalMs)
    interval.unref()
    this.registry.addInterval(THREAD_SWEEP, interval)
  }

  /** Waits for the thread in hand: the database is closed after this. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.registry.doesExist('interval', THREAD_SWEEP)) this.registry.deleteInterval(THREAD_SWEEP)
    this.sweeper.stop()
    await this.#sweeping
  }

  #tick(): Promise<void> {
    this.#sweeping ??= this.#sweep().finally(() => (this.#sweeping = null))
    return this.#sweeping
  }

  async #sweep(): Promise<void> {
    try {
      const swept = await this.sweeper.sweep()
      if (swept > 0) this.logger.info({ threads: swept }, 'threads whose time is over were swept')
    } catch (err) {
      this.logger.error({ err }, 'the sweep of threads failed; the next one tries again')
    }
  }
}
