import { Injectable } from '@nestjs/common'
import { Authorization, isVisible, metadataIn } from '#auth'
import type { ThreadTtl } from '#config'
import { Database, UnitOfWork } from '#database'
import { type Page, totalFromPage } from '#http'
import { Clock, type JsonObject } from '#kernel'
import type { ThreadFilter, ThreadOrder, VisibleThreads } from './thread-filter.js'
import { ThreadRemoval } from './thread-removal.js'
import type { Thread } from './thread.entity.js'
import { patchedThreadNotFound, threadNotFound } from './threads.errors.js'
import { ThreadsRepository } from './threads.repository.js'

/** Threads: finding, changing and deleting them. `ThreadCreation` makes them; their state is `ThreadStateService`'s. */
@Injectable()
export class ThreadsService {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly removal: ThreadRemoval,
    private readonly authorization: Authorization,
    private readonly clock: Clock,
  ) {}

  /** Also finds the temporary thread of a stateless run. @throws AppError `thread_not_found`. */
  async get(threadId: string): Promise<Thread> {
    const thread = await this.threads.find(this.database, threadId)
    if (thread === null) throw threadNotFound(threadId)
    return thread
  }

  /** The same for a caller, who may not see each thread. @throws AppError `thread_not_found`, `forbidden`. */
  async read(threadId: string): Promise<Thread> {
    const visibility = await this.authorization.ask('threads:read', { thread_id: threadId })
    const thread = await this.get(threadId)
    if (!isVisible(visibility, thread.metadata)) throw threadNotFound(threadId)
    return thread
  }

  /** Merges into the metadata, key by key; a lifetime begins anew. @throws AppError `patched_thread_not_found`. */
  async patch(threadId: string, change: { metadata: JsonObject; ttl: ThreadTtl | null }): Promise<Thread> {
    const value = { thread_id: threadId, metadata: { ...change.metadata } }
    const visibility = await this.authorization.ask('threads:update', value)
    const patch = { metadata: metadataIn(value), ttl: change.ttl, visibility, now: this.clock.now() }
    const thread = await this.threads.patch(this.database, threadId, patch)
    if (thread === null) throw patchedThreadNotFound()
    return thread
  }

  /** Deletes the thread with its runs and checkpoints. @throws AppError `thread_not_found`. */
  async delete(threadId: string): Promise<void> {
    const visibility = await this.authorization.ask('threads:delete', { thread_id: threadId })
    await this.unitOfWork.run(async (tx) => {
      const thread = await this.threads.lock(tx, threadId)
      if (thread === null || !isVisible(visibility, thread.metadata)) throw threadNotFound(threadId)
      await this.removal.remove(tx, threadId)
    })
  }

  /** One page of the threads that match and that the caller may see, and how many there are in all; without temporary ones. */
  async search(query: ThreadFilter, order: ThreadOrder, page: Page): Promise<{ threads: Thread[]; total: number }> {
    const filter = await this.#visible(query, page)
    const threads = await this.threads.search(this.database, filter, order, page)
    const total = totalFromPage(threads.length, page) ?? (await this.threads.count(this.database, filter))
    return { threads, total }
  }

  /** How many threads match and may be seen; without temporary ones. */
  async count(query: ThreadFilter): Promise<number> {
    return this.threads.count(this.database, await this.#visible(query, null))
  }

  /** What is asked for, as a handler has left it, and what of it may be seen. */
  async #visible(filter: ThreadFilter, page: Page | null): Promise<VisibleThreads> {
    const { metadata, values, status, ids } = filter
    const value = { metadata: { ...metadata }, values, status, ids, ...page }
    const visibility = await this.authorization.ask('threads:search', value)
    return { ...filter, metadata: metadataIn(value), visibility }
  }
}
