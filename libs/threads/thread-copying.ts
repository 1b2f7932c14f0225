import { Injectable } from '@nestjs/common'
import { UnitOfWork } from '#database'
import { Checkpoints } from '#graphs'
import { Clock, newId } from '#kernel'
import type { Thread } from './thread.entity.js'
import { copiedThreadNotFound } from './threads.errors.js'
import { ThreadsRepository } from './threads.repository.js'

/** Copies threads (contract 4.7). */
@Injectable()
export class ThreadCopying {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly checkpoints: Checkpoints,
    private readonly clock: Clock,
  ) {}

  /**
   * Copies metadata, config, state and every checkpoint, not the runs. The source's lock keeps a rollback or a prune
   * from taking checkpoints away meanwhile; a run may go on, and what it adds is not copied.
   * @throws AppError `copied_thread_not_found`.
   */
  copy(threadId: string): Promise<Thread> {
    return this.unitOfWork.run(async (tx) => {
      const copyId = newId()
      const source = await this.threads.lock(tx, threadId)
      const copy = source && (await this.threads.copy(tx, threadId, copyId, this.clock.now()))
      if (!copy) throw copiedThreadNotFound()
      await this.checkpoints.copyThread(tx, threadId, copyId)
      return copy
    })
  }
}
