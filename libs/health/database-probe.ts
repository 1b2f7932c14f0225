import { Injectable } from '@nestjs/common'
import { Database } from '#database'
import { Clock, Logger } from '#kernel'

/** How long the database may take to answer a probe, in ms. */
export const PROBE_DEADLINE_MS = 2_000

/** Asks the database whether it answers. */
@Injectable()
export class DatabaseProbe {
  #asking: Promise<string | null> | null = null

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * Null when the database answers in time, else what is wrong, as the rest of a sentence after "the database".
   * Probes that come together share one question, so that a stuck database does not fill the pool's queue with them.
   */
  async fault(): Promise<string | null> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null
    })
    return await this.#inTime(this.#asking)
  }

  async #ask(): Promise<string | null> {
    try {
      await this.database.query('SELECT 1')
      return null
    } catch (err) {
      this.logger.warn({ err }, 'the database failed a health probe')
      return 'failed to answer'
    }
  }

  #inTime(asking: Promise<string | null>): Promise<string | null> {
    return new Promise((resolve, reject) => {
      const timer = this.clock.after(PROBE_DEADLINE_MS, () => resolve(`did not answer within ${PROBE_DEADLINE_MS} ms`))
      asking.then(resolve, reject).finally(() => timer.cancel())
    })
  }
}
