import { Injectable } from '@nestjs/common'
import { Authorization, isVisible, metadataIn, type Visibility } from '#auth'
import { Database, UnitOfWork } from '#database'
import { Checkpoints } from '#graphs'
import { Clock, type JsonObject, newId } from '#kernel'
import type { LockedThread, Thread } from './thread.entity.js'
import { copiedThreadNotFound } from './threads.errors.js'
import { ThreadsRepository } from './threads.repository.js'

/** Copies threads (contract 4.7). */
@Injectable()
export class ThreadCopying {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly checkpoints: Checkpoints,
    private readonly authorization: Authorization,
    private readonly clock: Clock,
  ) {}

  /**
   * Copies metadata, config, state and every checkpoint, not the runs. The source's lock keeps a rollback or a prune
   * from taking checkpoints away meanwhile; a run may go on, and what it adds is not copied.
   * @throws AppError `copied_thread_not_found`.
   */
  async copy(threadId: string): Promise<Thread> {
    const visibility = await this.authorization.ask('threads:read', { thread_id: threadId })
    const { metadata } = readable(await this.threads.find(this.database, threadId), visibility)
    const copyId = newId()
    const value = { thread_id: copyId, metadata: { ...metadata }, if_exists: 'raise' }
    await this.authorization.ask('threads:create', value)
    const stamp = { before: metadata, after: metadataIn(value) }
    return this.unitOfWork.run(async (tx) => {
      const source = readable(await this.threads.lock(tx, threadId), visibility)
      const wanted = { threadId: copyId, metadata: restamped(source.metadata, stamp), now: this.clock.now() }
      const copy = await this.threads.copy(tx, threadId, wanted)
      if (!copy) throw copiedThreadNotFound()
      await this.checkpoints.copyThread(tx, threadId, copyId)
      return copy
    })
  }
}

function readable<Found extends Pick<LockedThread, 'metadata'>>(source: Found | null, visibility: Visibility): Found {
  if (source === null || !isVisible(visibility, source.metadata)) throw copiedThreadNotFound()
  return source
}

/** The metadata as they are by now, with what a handler has changed, added or removed in them. */
function restamped(now: JsonObject, { before, after }: { before: JsonObject; after: JsonObject }): JsonObject {
  const kept = Object.entries(now).filter(([key]) => !(key in before) || key in after)
  return { ...Object.fromEntries(kept), ...after }
}
