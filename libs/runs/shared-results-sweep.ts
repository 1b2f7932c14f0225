import { Injectable } from '@nestjs/common'
import { isAlone, Settings } from '#config'
import { Database } from '#database'
import { Clock, Logger, type Timer } from '#kernel'
import { RunResultsRepository } from './run-results.repository.js'

/** How often what has expired is removed, in ms, and how much in one statement. */
const SWEEP_MS = 30_000
const BATCH = 1_000

/** Removes the answers of runs that nobody can ask for any more. */
@Injectable()
export class SharedResultsSweep {
  #timer: Timer | null = null
  #sweeping: Promise<void> | null = null
  #isStopped = false

  constructor(
    private readonly settings: Settings,
    private readonly database: Database,
    private readonly repository: RunResultsRepository,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Begins to sweep, where answers are kept; called by the composition root. */
  start(): void {
    if (!isAlone(this.settings)) this.#sweepLater()
  }

  /** Sweeps nothing more, and waits for the statement in hand: the database is closed after this. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    await this.#sweeping
  }

  #sweepLater(): void {
    this.#timer = this.clock.after(SWEEP_MS, () => {
      this.#sweeping = this.#sweep()
    })
  }

  /** Never rejects. */
  async #sweep(): Promise<void> {
    try {
      let removed = BATCH
      while (!this.#isStopped && removed === BATCH) {
        removed = await this.repository.removeExpired(this.database, this.clock.now(), BATCH)
      }
    } catch (err) {
      this.logger.warn({ err }, 'expired answers of runs could not be removed')
    }
    if (!this.#isStopped) this.#sweepLater()
  }
}
