import { Injectable } from '@nestjs/common'
import { Clock, Logger } from '#kernel'
import { isContentFault } from './content-fault.js'
import { type ExecutedEnd, RunEndStore } from './run-end-store.js'
import type { RunEnding } from './run-ending.js'
import { RunRemains } from './run-remains.js'
import type { RunStop } from './run-stop.js'
import type { Run } from './run.js'

/** Waits between tries to store a run's end, in ms. */
const STORE_RETRIES_MS = [100, 500, 1_000, 2_000, 5_000, 10_000, 15_000]

const UNSTORABLE_ENDING: RunEnding = {
  status: 'error',
  error: { error: 'UnstorableResult', message: 'The result of the run could not be stored' },
  state: null,
}

/** Sees to it that the end of an executed run gets stored. */
@Injectable()
export class RunFinisher {
  constructor(
    private readonly store: RunEndStore,
    private readonly remains: RunRemains,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * Tries until the end is stored or the run turns out to be somebody else's. An end whose content the database refuses
   * is replaced by an error at once; when the database stays away, the lease runs out and the run is taken up again.
   * Returns false when the run is not this process's any more: then nothing was stored.
   * @throws what the last try met.
   */
  async finish(end: ExecutedEnd, stop: RunStop): Promise<boolean> {
    for (const delayMs of STORE_RETRIES_MS) {
      try {
        return await this.#storeOrLeave(end, stop)
      } catch (err) {
        this.logger.error({ err, run_id: end.claim.runId }, 'the end of a run could not be stored')
        if (isContentFault(err)) return this.#storeOrLeave({ ...end, ending: UNSTORABLE_ENDING }, stop)
        await new Promise<void>((resolve) => this.clock.after(delayMs, resolve))
      }
    }
    return this.#storeOrLeave(end, stop)
  }

  /** For a run whose graph was stopped because it is another process's by now, or gone with its thread. Never rejects. */
  async leave(run: Run, stop: RunStop): Promise<void> {
    try {
      await this.remains.clear(run, stop)
    } catch (err) {
      this.logger.warn({ err, run_id: run.runId }, 'what a lost run may have left behind could not be looked for')
    }
  }

  async #storeOrLeave(end: ExecutedEnd, stop: RunStop): Promise<boolean> {
    if (await this.store.store(end)) return true
    this.logger.warn({ run_id: end.claim.runId }, 'the run is not this process’s any more; nothing was stored')
    await this.remains.clear({ runId: end.claim.runId, threadId: end.threadId }, stop)
    return false
  }
}
