import { Injectable } from '@nestjs/common'
import { Database, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { Checkpoints } from '#graphs'
import { type Page, totalFromPage } from '#http'
import { Clock, type JsonObject, newId } from '#kernel'
import type { ThreadFilter, ThreadOrder } from './thread-filter.js'
import type { Thread } from './thread.entity.js'
import { patchedThreadNotFound, threadExists, threadNotFound } from './threads.errors.js'
import { ThreadsRepository } from './threads.repository.js'

/** A thread that a client asks for. */
export interface ThreadRequest {
  /** Null makes a new id. */
  readonly threadId: string | null
  readonly metadata: JsonObject
  /** What to do when the id is taken. */
  readonly ifExists: 'raise' | 'do_nothing'
}

/** Threads: making, finding and deleting them. Their state is `ThreadStateService`'s. */
@Injectable()
export class ThreadsService {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly bus: EventBus,
    private readonly checkpoints: Checkpoints,
    private readonly clock: Clock,
  ) {}

  /** Makes a thread, or returns the one of this id untouched. @throws AppError `thread_exists`. */
  async create(request: ThreadRequest): Promise<Thread> {
    const threadId = request.threadId ?? newId()
    const created = await this.threads.insertIfAbsent(this.database, {
      threadId,
      status: 'idle',
      metadata: request.metadata,
      config: {},
      temporary: false,
      now: this.clock.now(),
    })
    if (created !== null) return created
    if (request.ifExists === 'raise') throw threadExists()
    // Null again only when the thread was deleted in between: then the id is free.
    return (await this.threads.find(this.database, threadId)) ?? this.create(request)
  }

  /** Also finds the temporary thread of a stateless run. @throws AppError `thread_not_found`. */
  async get(threadId: string): Promise<Thread> {
    const thread = await this.threads.find(this.database, threadId)
    if (thread === null) throw threadNotFound(threadId)
    return thread
  }

  /** Merges into the metadata, key by key. @throws AppError `patched_thread_not_found`. */
  async patchMetadata(threadId: string, metadata: JsonObject): Promise<Thread> {
    const thread = await this.threads.mergeMetadata(this.database, threadId, metadata, this.clock.now())
    if (thread === null) throw patchedThreadNotFound()
    return thread
  }

  /**
   * Deletes the thread with its runs and checkpoints. Subscribers of `thread.deleted` still find it: they end its
   * runs in the same transaction.
   * @throws AppError `thread_not_found`.
   */
  async delete(threadId: string): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      if ((await this.threads.lock(tx, threadId)) === null) throw threadNotFound(threadId)
      await this.bus.publish(tx, 'thread.deleted', { threadId })
      await this.checkpoints.deleteThread(tx, threadId)
      await this.threads.delete(tx, threadId)
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
