import { Injectable } from '@nestjs/common'
import { Database } from '#database'
import { Checkpoints } from '#graphs'
import { Clock, Logger } from '#kernel'
import { ThreadsRepository } from '#threads'
import { type ExecutedEnd, RunEndStore } from './run-end-store.js'

/** Waits between tries to store a run's end, in ms. */
const STORE_RETRIES_MS = [100, 500, 1_000, 2_000, 5_000, 10_000, 15_000]

const UNSTORABLE = { error: 'UnstorableResult', message: 'The result of the run could not be stored' }

/** Sees to it that the end of an executed run gets stored. */
@Injectable()
export class RunFinisher {
  constructor(
    private readonly store: RunEndStore,
    private readonly database: Database,
    private readonly threads: ThreadsRepository,
    private readonly checkpoints: Checkpoints,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * Tries until the end is stored or the run turns out to be somebody else's. An end that cannot be stored for its
   * content is replaced by an error; when the database stays away, the lease runs out and the run is taken up again.
   * Returns false when the run is not this process's any more: then nothing was stored.
   * @throws what the last try met.
   */
  async finish(end: ExecutedEnd): Promise<boolean> {
    for (const delayMs of STORE_RETRIES_MS) {
      try {
        return await this.#storeOrLeave(end)
      } catch (err) {
        this.logger.error({ err, run_id: end.claim.runId }, 'the end of a run could not be stored, trying again')
        await new Promise<void>((resolve) => this.clock.after(delayMs, resolve))
      }
    }
    return this.#storeOrLeave({ ...end, ending: { status: 'error', error: UNSTORABLE, state: null } })
  }

  async #storeOrLeave(end: ExecutedEnd): Promise<boolean> {
    if (await this.store.store(end)) return true
    this.logger.warn({ run_id: end.claim.runId }, 'the run is not this process’s any more; nothing was stored')
    const thread = await this.threads.find(this.database, end.threadId)
    // The thread was deleted while the graph ran: what the graph wrote since goes too.
    if (!thread) await this.checkpoints.deleteThread(this.database, end.threadId)
    return false
  }
}
