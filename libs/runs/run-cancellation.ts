import { Injectable } from '@nestjs/common'
import { type Transaction, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { type LockedThread, ThreadsRepository } from '#threads'
import type { CancelAction, Run, StopWish } from './run.js'
import { cancelledEnding } from './run-ending.js'
import { RunLifecycle } from './run-lifecycle.js'
import { RunQueueRepository } from './run-queue.repository.js'
import { runNotFound } from './run.errors.js'
import { RunsRepository } from './runs.repository.js'

/** Cancels runs. The wish is stored before anybody is signalled; recovery finishes it (design section 6). */
@Injectable()
export class RunCancellation {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly runs: RunsRepository,
    private readonly queue: RunQueueRepository,
    private readonly lifecycle: RunLifecycle,
    private readonly bus: EventBus,
  ) {}

  /** Cancels one run; a finished one stays as it is (contract 5.11). @throws AppError `run_not_found`. */
  async cancel(threadId: string, runId: string, action: CancelAction): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const thread = await this.threads.lock(tx, threadId)
      const run = await this.runs.find(tx, threadId, runId)
      if (!thread || !run) throw runNotFound()
      await this.cancelLocked(tx, thread, run, action)
    })
  }

  /** The same inside a transaction that holds the thread's lock. */
  async cancelLocked(tx: Transaction, thread: LockedThread, run: Run, wish: StopWish): Promise<void> {
    const pending = await this.queue.lockPending(tx, run.runId)
    if (pending) return this.lifecycle.end(tx, thread, pending, cancelledEnding(wish, null))
    this.runs.wishStop(tx, run.runId, wish)
    await this.bus.publish(tx, 'run.cancelRequested', { runId: run.runId, threadId: run.threadId })
  }
}
