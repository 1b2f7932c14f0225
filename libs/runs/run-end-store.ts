import { Injectable } from '@nestjs/common'
import { type Transaction, UnitOfWork } from '#database'
import type { ExecuteOutcome } from '#graphs'
import { ThreadsRepository } from '#threads'
import { cancelledEnding, type RunEnding } from './run-ending.js'
import { RunLifecycle } from './run-lifecycle.js'
import { type Claim, RunQueueRepository } from './run-queue.repository.js'
import { resultOf } from './run-result.js'
import { RunResults } from './run-results.js'

/** What a claimed run came to. */
export interface ExecutedEnd {
  readonly claim: Claim
  readonly threadId: string
  /** A stored wish to cancel goes before it. */
  readonly ending: RunEnding
  /** Null when the process that executed the run is gone. */
  readonly outcome: ExecuteOutcome | null
}

/** Writes the end of a claimed run in one transaction, behind the fence of its claim. */
@Injectable()
export class RunEndStore {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly queue: RunQueueRepository,
    private readonly lifecycle: RunLifecycle,
    private readonly results: RunResults,
  ) {}

  /** False when the run is not the claimer's any more: then nothing was written. */
  async store(end: ExecutedEnd): Promise<boolean> {
    try {
      return await this.unitOfWork.run((tx) => this.#endClaimed(tx, end))
    } catch (error) {
      this.results.discard(end.claim.runId)
      throw error
    }
  }

  async #endClaimed(tx: Transaction, { claim, threadId, ending, outcome }: ExecutedEnd): Promise<boolean> {
    // One after the other, in one packet.
    const [thread, run] = await Promise.all([this.threads.lock(tx, threadId), this.queue.lockClaimed(tx, claim)])
    if (!thread || !run) return false
    const final = run.cancelAction ? cancelledEnding(run.cancelAction, ending.state) : ending
    if (outcome) this.results.prepare(run.runId, resultOf(final, outcome))
    await this.lifecycle.end(tx, thread, run, final)
    return true
  }
}
