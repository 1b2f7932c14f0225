import { Injectable } from '@nestjs/common'
import { Database } from '#database'
import { type SettledState, ThreadStates } from '#graphs'
import { Clock, Logger } from '#kernel'
import { RunEndStore } from './run-end-store.js'
import { exhaustedEnding } from './run-ending.js'
import { type Claim, RunQueueRepository } from './run-queue.repository.js'
import type { Run } from './run.js'

/** How many abandoned runs are looked at in one go. */
const BATCH = 100

/** Which runs count as abandoned, and when one is given up. */
export interface RecoveryOptions {
  /**
   * Also those whose lease has not passed yet: right where this process alone holds the database and has just started.
   */
  readonly all: boolean
  /** Claims of one run in all. */
  readonly maxAttempts: number
}

/** Takes up what dead processes left (design section 6). */
@Injectable()
export class RunRecovery {
  constructor(
    private readonly database: Database,
    private readonly queue: RunQueueRepository,
    private readonly store: RunEndStore,
    private readonly states: ThreadStates,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * Settles every abandoned run; returns how many went back to the queue.
   */
  async recover(workerId: string, { all, maxAttempts }: RecoveryOptions): Promise<number> {
    let requeued = 0
    for (;;) {
      const runs = await this.queue.abandoned(this.database, workerId, { now: this.clock.now(), all, limit: BATCH })
      for (const run of runs) if (await this.#recover(run, maxAttempts)) requeued += 1
      if (runs.length < BATCH) return requeued
    }
  }

  /** A stored wish to cancel is finished and the run never executed again; else it is retried within its attempts. */
  async #recover(run: Run, maxAttempts: number): Promise<boolean> {
    const claim = { runId: run.runId, workerId: run.claimedBy ?? '', attempt: run.attempt }
    const exhausted = run.attempt - run.handedBack >= maxAttempts
    if (!exhausted && run.cancelAction === null) return this.#requeue(claim)
    const ending = exhaustedEnding(run.runId, await this.#state(run))
    await this.store.store({ claim, threadId: run.threadId, ending, outcome: null })
    return false
  }

  /** What the run left in its thread's checkpoints; null when there is nothing that can be read. */
  async #state(run: Run): Promise<SettledState | null> {
    if (run.temporary) return null
    try {
      return await this.states.settled({
        threadId: run.threadId,
        graphId: String(run.injected['graph_id']),
        config: run.kwargs.config,
      })
    } catch (err) {
      this.logger.warn({ err, run_id: run.runId }, 'the state of an abandoned run could not be read')
      return null
    }
  }

  async #requeue(claim: Claim): Promise<boolean> {
    const requeued = await this.queue.release(this.database, claim, { now: this.clock.now(), handBack: false })
    const { runId, attempt } = claim
    if (requeued) this.logger.warn({ run_id: runId, attempt }, 'the process of a run was lost; it is taken up again')
    return requeued
  }
}
