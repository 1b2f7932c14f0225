import { Injectable } from '@nestjs/common'
import type { ThreadTtl } from '#config'
import { type Transaction, UnitOfWork } from '#database'
import { Checkpoints } from '#graphs'
import { Clock } from '#kernel'
import { ThreadRemoval } from './thread-removal.js'
import type { LockedThread } from './thread.entity.js'
import { ThreadsRepository } from './threads.repository.js'

/** Deletes threads, or what is old in them (contract 4.8). */
@Injectable()
export class ThreadPruning {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly checkpoints: Checkpoints,
    private readonly removal: ThreadRemoval,
    private readonly clock: Clock,
  ) {}

  /** Prunes each thread in a transaction of its own; returns how many there were. Unknown ids are passed over. */
  async prune(threadIds: readonly string[], strategy: ThreadTtl['strategy']): Promise<number> {
    let pruned = 0
    for (const threadId of new Set(threadIds)) {
      const isPruned = await this.unitOfWork.run(async (tx) => {
        const thread = await this.threads.lock(tx, threadId)
        return thread !== null && (await this.pruneLocked(tx, thread, strategy))
      })
      if (isPruned) pruned += 1
    }
    return pruned
  }

  /**
   * The same inside a transaction that holds the thread's lock. False, and nothing done, for a busy thread that would
   * be kept: its run may stand on a checkpoint that is not the latest.
   */
  async pruneLocked(
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
    await this.threads.touch(tx, threadId, this.clock.now())
    return true
  }
}
