import { Injectable } from '@nestjs/common'
import type { Transaction } from '#database'
import { EventBus } from '#events'
import { Checkpoints } from '#graphs'
import { ThreadsRepository } from './threads.repository.js'

/** The one way in which a thread is deleted, whoever asks for it. */
@Injectable()
export class ThreadRemoval {
  constructor(
    private readonly bus: EventBus,
    private readonly checkpoints: Checkpoints,
    private readonly threads: ThreadsRepository,
  ) {}

  /**
   * Deletes a thread that the caller has locked, with its runs and checkpoints. Subscribers of `thread.deleted` still
   * find it: they end its runs in the same transaction.
   */
  async remove(tx: Transaction, threadId: string): Promise<void> {
    await this.bus.publish(tx, 'thread.deleted', { threadId })
    await this.checkpoints.deleteThread(tx, threadId)
    this.threads.delete(tx, threadId)
  }
}
