import { Injectable } from '@nestjs/common'
import type { ThreadTtl } from '#config'
import type { Transaction } from '#database'
import { Checkpoints } from '#graphs'
import { Clock } from '#kernel'
import { ThreadRemoval } from './thread-removal.js'
import type { LockedThread } from './thread.entity.js'
import { ThreadsRepository } from './threads.repository.js'

/** Deletes a thread, or what is old in it. */
@Injectable()
export class ThreadTrimming {
  constructor(
    private readonly threads: ThreadsRepository,
    private readonly checkpoints: Checkpoints,
    private readonly removal: ThreadRemoval,
    private readonly clock: Clock,
  ) {}

  /**
   * Does it inside a transaction that holds the thread's lock. False, and nothing done, for a busy thread that would be
   * kept: its run may stand on a checkpoint that is not the latest.
   */
  async trim(
    tx: Transaction,
    { threadId, status }: Pick<LockedThread, 'threadId' | 'status'>,
    strategy: ThreadTtl['strategy'],
  ): Promise<boolean> {
    if (strategy === 'delete') {
      await this.removal.remove(tx, threadId)
      return true
    }
    if (status === 'busy') return false
    await this.checkpoints.keepLatest(tx, threadId)
    this.threads.touch(tx, threadId, this.clock.now())
    return true
  }
}
