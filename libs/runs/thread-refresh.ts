import { Injectable } from '@nestjs/common'
import { type Transaction, UnitOfWork } from '#database'
import { type SettledState, ThreadStates } from '#graphs'
import { Clock, Logger } from '#kernel'
import { graphIdOf, type LockedThread, type SettledThread, ThreadsRepository } from '#threads'
import { RunsRepository } from './runs.repository.js'

/** How often the state is read anew because the thread changed meanwhile; the run that changes it settles it too. */
const TRIES = 5

/** Brings a thread's row up to its state, after checkpoints of an ended run were deleted. */
@Injectable()
export class ThreadRefresh {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly runs: RunsRepository,
    private readonly states: ThreadStates,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Reads the state beside the database, then stores it if the thread is still the one that was seen. */
  async refresh(threadId: string): Promise<void> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const seen = await this.unitOfWork.run((tx) => this.threads.see(tx, threadId))
      if (!seen) return
      const state = await this.#state(seen.thread)
      if (state === undefined) return
      if (await this.unitOfWork.run((tx) => this.#store(tx, threadId, seen.version, state))) return
    }
  }

  /** Undefined when it cannot be read: the row then keeps what it says. */
  async #state({ threadId, metadata, config }: LockedThread): Promise<SettledState | null | undefined> {
    try {
      return await this.states.settled({ threadId, graphId: graphIdOf(metadata), config })
    } catch (err) {
      this.logger.warn({ err, thread_id: threadId }, 'the state of a thread could not be read after a deletion')
      return undefined
    }
  }

  async #store(tx: Transaction, threadId: string, version: string, state: SettledState | null): Promise<boolean> {
    const now = await this.threads.lockSeen(tx, threadId)
    if (!now) return true
    if (now.version !== version) return false
    const inFlight = await this.runs.inFlight(tx, threadId)
    if (inFlight.some((run) => run.status === 'running')) return true
    this.threads.settle(tx, threadId, settledBy(state, inFlight.length > 0, this.clock.now()))
    return true
  }
}

function settledBy(state: SettledState | null, isBusy: boolean, now: Date): SettledThread {
  const settledStatus = state && state.next.length > 0 ? 'interrupted' : 'idle'
  return {
    status: isBusy ? 'busy' : settledStatus,
    settledStatus,
    valuesJson: state?.valuesJson ?? 'null',
    interruptsJson: state?.interruptsJson ?? '{}',
    error: null,
    now,
  }
}
