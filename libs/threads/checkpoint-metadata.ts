import { Injectable } from '@nestjs/common'
import { Authorization, isVisible } from '#auth'
import { UnitOfWork } from '#database'
import { Checkpoints } from '#graphs'
import type { JsonObject } from '#kernel'
import { threadNotFound } from './threads.errors.js'
import { ThreadsRepository } from './threads.repository.js'

/** Changes what clients keep with a thread's state (contract 4.9). */
@Injectable()
export class CheckpointMetadata {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly checkpoints: Checkpoints,
    private readonly authorization: Authorization,
  ) {}

  /** Merges into the metadata of the latest checkpoint. @throws AppError `thread_not_found`, also without a checkpoint. */
  async patch(threadId: string, metadata: JsonObject): Promise<void> {
    const visibility = await this.authorization.ask('threads:update', { thread_id: threadId })
    await this.unitOfWork.run(async (tx) => {
      const thread = await this.threads.lock(tx, threadId)
      const isMeant = thread !== null && isVisible(visibility, thread.metadata)
      if (!isMeant || !(await this.checkpoints.mergeMetadata(tx, threadId, metadata))) throw threadNotFound(threadId)
    })
  }
}
