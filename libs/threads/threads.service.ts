import { Injectable } from '@nestjs/common'
import type { ThreadTtl } from '#config'
import { Database, UnitOfWork } from '#database'
import { type Page, totalFromPage } from '#http'
import { Clock, type JsonObject } from '#kernel'
import type { ThreadFilter, ThreadOrder } from './thread-filter.js'
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
    private readonly clock: Clock,
  ) {}

  /** Also finds the temporary thread of a stateless run. @throws AppError `thread_not_found`. */
  async get(threadId: string): Promise<Thread> {
    const thread = await this.threads.find(this.database, threadId)
    if (thread === null) throw threadNotFound(threadId)
    return thread
  }

  /** Merges into the metadata, key by key; a lifetime begins anew. @throws AppError `patched_thread_not_found`. */
  async patch(threadId: string, change: { metadata: JsonObject; ttl: ThreadTtl | null }): Promise<Thread> {
    const thread = await this.threads.patch(this.database, threadId, { ...change, now: this.clock.now() })
    if (thread === null) throw patchedThreadNotFound()
    return thread
  }

  /** Deletes the thread with its runs and checkpoints. @throws AppError `thread_not_found`. */
  async delete(threadId: string): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      if ((await this.threads.lock(tx, threadId)) === null) throw threadNotFound(threadId)
      await this.removal.remove(tx, threadId)
    })
  }

  /** One page of the threads that match, and how many there are in all; without temporary ones. */
  async search(filter: ThreadFilter, order: ThreadOrder, page: Page): Promise<{ threads: Thread[]; total: number }> {
    const threads = await this.threads.search(this.database, filter, order, page)
    const total = totalFromPage(threads.length, page) ?? (await this.count(filter))
    return { threads, total }
  }

  /** How many threads match; without temporary ones. */
  count(filter: ThreadFilter): Promise<number> {
    return this.threads.count(this.database, filter)
  }
}
