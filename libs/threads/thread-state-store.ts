import { Injectable } from '@nestjs/common'
import type { Transaction } from '#database'
import { EventBus } from '#events'
import { Checkpoints, type PreparedUpdate } from '#graphs'
import { Clock } from '#kernel'
import { ThreadsRepository } from './threads.repository.js'

/** Stores a state that a client has made. */
@Injectable()
export class ThreadStateStore {
  constructor(
    private readonly threads: ThreadsRepository,
    private readonly checkpoints: Checkpoints,
    private readonly bus: EventBus,
    private readonly clock: Clock,
  ) {}

  /** Stores the checkpoints, and what the thread's row says of its state. The caller holds the thread's lock. */
  async store(tx: Transaction, threadId: string, { checkpoint, state, staged }: PreparedUpdate): Promise<void> {
    const status = state.next.length > 0 ? 'interrupted' : 'idle'
    await this.checkpoints.store(tx, threadId, staged)
    this.threads.settle(tx, threadId, {
      status,
      settledStatus: status,
      valuesJson: state.valuesJson,
      interruptsJson: state.interruptsJson,
      error: null,
      now: this.clock.now(),
    })
    await this.bus.publish(tx, 'thread.stateUpdated', {
      threadId,
      checkpointId: checkpoint.checkpoint_ns === '' ? checkpoint.checkpoint_id : null,
    })
  }
}
