import { Injectable } from '@nestjs/common'
import type { Transaction } from '#database'
import { EventBus, type RunFinished, type SettledThreadStatus } from '#events'
import { Checkpoints } from '#graphs'
import { Clock } from '#kernel'
import { type LockedThread, type Thread, ThreadsRepository } from '#threads'
import type { LockedRun, Run } from './run.js'
import { cancelledEnding, type RunEnding, settledThreadStatus, undoesRun } from './run-ending.js'
import { RunQueueRepository } from './run-queue.repository.js'
import { valuesWithInterrupts } from './run-result.js'
import { RunsRepository } from './runs.repository.js'
import { toWireRun } from './wire-run.js'

/**
 * The one place where a run ends, whatever ended it: its row, its thread's status and the fact `run.finished` are
 * written in the caller's transaction (design section 6).
 *
 * pending ─► running ─► success | error | timeout | interrupted, or the row is deleted (rollback)
 */
@Injectable()
export class RunLifecycle {
  constructor(
    private readonly runs: RunsRepository,
    private readonly queue: RunQueueRepository,
    private readonly threads: ThreadsRepository,
    private readonly checkpoints: Checkpoints,
    private readonly bus: EventBus,
    private readonly clock: Clock,
  ) {}

  /** Ends a run that the caller has locked, thread first. */
  async end(tx: Transaction, thread: LockedThread, run: LockedRun, ending: RunEnding): Promise<void> {
    const now = this.clock.now()
    const threadStatus = settledThreadStatus(ending, thread.settledStatus)
    if (run.temporary) this.threads.delete(tx, thread.threadId)
    else await this.#endAndSettle(tx, run, ending, { threadStatus, now })
    await this.bus.publish(tx, 'run.finished', finished({ run, thread, ending }, { threadStatus, now }))
  }

  /** Ends a run whose thread is being deleted in this transaction: its row goes with the thread. */
  async endWithThread(tx: Transaction, thread: Thread, run: Run): Promise<void> {
    const now = this.clock.now()
    const ending = { status: 'interrupted', error: null, state: null } as const
    const event = finished({ run, thread, ending }, { threadStatus: 'idle', now })
    const valuesJson = run.startedAt && thread.values !== null ? JSON.stringify(thread.values) : null
    await this.bus.publish(tx, 'run.finished', { ...event, valuesJson })
  }

  async #endAndSettle(
    tx: Transaction,
    run: LockedRun,
    ending: RunEnding,
    settled: { threadStatus: SettledThreadStatus; now: Date },
  ): Promise<void> {
    await this.#endRow(tx, run, ending, settled.now)
    this.#settleThread(tx, run.threadId, ending, { ...settled, isBusy: run.hasOthers })
  }

  /** Settles a thread whose active runs were interrupted and whose rows are gone; the caller holds its lock. */
  async settleWithoutRuns(tx: Transaction, thread: LockedThread): Promise<void> {
    const ending = cancelledEnding('interrupt', null)
    const threadStatus = settledThreadStatus(ending, thread.settledStatus)
    const isBusy = await this.runs.hasInFlight(tx, thread.threadId)
    this.#settleThread(tx, thread.threadId, ending, { threadStatus, now: this.clock.now(), isBusy })
  }

  #settleThread(
    tx: Transaction,
    threadId: string,
    ending: RunEnding,
    settled: { threadStatus: SettledThreadStatus; now: Date; isBusy: boolean },
  ): void {
    const state = undoesRun(ending) ? null : ending.state
    this.threads.settle(tx, threadId, {
      status: settled.isBusy ? 'busy' : settled.threadStatus,
      settledStatus: settled.threadStatus,
      valuesJson: state?.valuesJson ?? null,
      interruptsJson: state?.interruptsJson ?? null,
      error: ending.error,
      now: settled.now,
    })
  }

  async #endRow(tx: Transaction, run: Run, ending: RunEnding, now: Date): Promise<void> {
    const { status, error } = ending
    if (status === 'rollback' || undoesRun(ending)) await this.remove(tx, run)
    else this.queue.end(tx, run.runId, { status, error, now })
  }

  /** Deletes a run that has ended, or is ending, and undoes what it wrote. The caller holds the thread's lock. */
  async remove(tx: Transaction, run: Run): Promise<void> {
    await this.checkpoints.deleteRun(tx, run.threadId, run.runId)
    this.runs.delete(tx, run.runId)
  }
}

function finished(
  { run, thread, ending }: { run: Run; thread: Pick<LockedThread, 'metadata'>; ending: RunEnding },
  { threadStatus, now }: { threadStatus: SettledThreadStatus; now: Date },
): RunFinished {
  return {
    run: { ...toWireRun({ ...run, updatedAt: now }), status: ending.status },
    status: ending.status,
    valuesJson: ending.state ? valuesWithInterrupts(ending.state) : null,
    error: ending.error,
    startedAt: run.startedAt,
    endedAt: now,
    webhook: run.webhook,
    threadStatus,
    threadMetadata: thread.metadata,
  }
}
