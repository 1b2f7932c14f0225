import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { Database } from '#database'
import { Clock, Logger } from '#kernel'
import { RunEndStore } from './run-end-store.js'
import { exhaustedEnding } from './run-ending.js'
import { type Claim, RunQueueRepository } from './run-queue.repository.js'
import type { Run } from './run.js'

/** How many abandoned runs are looked at in one go. */
const BATCH = 100

/** Takes up what dead processes left (design section 6). */
@Injectable()
export class RunRecovery {
  constructor(
    private readonly settings: Settings,
    private readonly database: Database,
    private readonly queue: RunQueueRepository,
    private readonly store: RunEndStore,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * Settles every abandoned run: with `all`, also those whose lease has not passed yet, which is right where this
   * process alone holds the database and has just started. Returns how many went back to the queue.
   */
  async recover(workerId: string, all: boolean): Promise<number> {
    let requeued = 0
    for (;;) {
      const runs = await this.queue.abandoned(this.database, workerId, { now: this.clock.now(), all, limit: BATCH })
      for (const run of runs) if (await this.#recover(run)) requeued += 1
      if (runs.length < BATCH) return requeued
    }
  }

  /** A stored wish to cancel is finished and the run never executed again; else it is retried within its attempts. */
  async #recover(run: Run): Promise<boolean> {
    const claim = { runId: run.runId, workerId: run.claimedBy ?? '', attempt: run.attempt }
    const exhausted = run.attempt - run.handedBack >= this.settings.runs.maxAttempts
    if (!exhausted && run.cancelAction === null) return this.#requeue(claim)
    await this.store.store({ claim, threadId: run.threadId, ending: exhaustedEnding(run.runId), outcome: null })
    return false
  }

  async #requeue(claim: Claim): Promise<boolean> {
    const requeued = await this.queue.release(this.database, claim, { now: this.clock.now(), handBack: false })
    const { runId, attempt } = claim
    if (requeued) this.logger.warn({ run_id: runId, attempt }, 'the process of a run was lost; it is taken up again')
    return requeued
  }
}
