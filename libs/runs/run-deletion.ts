import { Injectable } from '@nestjs/common'
import { type Transaction, UnitOfWork } from '#database'
import { ThreadsRepository } from '#threads'
import { AfterDeletion } from './after-deletion.js'
import { RunCancellation } from './run-cancellation.js'
import { RunLifecycle } from './run-lifecycle.js'
import { runNotFound } from './run.errors.js'
import { RunsRepository } from './runs.repository.js'

type Step = 'gone' | 'stopping' | 'refresh'

/** Deletes runs with all that they wrote (contract 5.10). */
@Injectable()
export class RunDeletion {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly runs: RunsRepository,
    private readonly cancellation: RunCancellation,
    private readonly lifecycle: RunLifecycle,
    private readonly after: AfterDeletion,
  ) {}

  /**
   * Cancels the run if it is active, then deletes its row and its checkpoints; its thread is left as if the run had not
   * been.
   * @throws AppError `run_not_found`.
   */
  async delete(threadId: string, runId: string): Promise<void> {
    const step = await this.unitOfWork.run((tx) => this.#delete(tx, threadId, runId))
    if (step === 'stopping') await this.after.stopped(threadId, runId)
    if (step === 'refresh') await this.after.refresh(threadId)
  }

  async #delete(tx: Transaction, threadId: string, runId: string): Promise<Step> {
    const thread = await this.threads.lock(tx, threadId)
    const run = await this.runs.find(tx, threadId, runId)
    if (!thread || !run) throw runNotFound()
    if (run.status === 'pending' || run.status === 'running') {
      await this.cancellation.cancelLocked(tx, thread, run, 'delete')
      return (await this.runs.find(tx, threadId, runId)) ? 'stopping' : 'gone'
    }
    // What the thread's row says of its state comes from the run that ended last.
    const isLast = (await this.runs.lastEnded(tx, threadId)) === runId
    await this.lifecycle.remove(tx, run)
    return isLast ? 'refresh' : 'gone'
  }
}
