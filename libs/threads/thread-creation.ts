import { Injectable } from '@nestjs/common'
import type { ThreadTtl } from '#config'
import { Database, UnitOfWork } from '#database'
import { type PreparedUpdate, type Superstep, ThreadUpdates } from '#graphs'
import { Clock, type JsonObject, newId } from '#kernel'
import { requireGraph } from './thread-graph.js'
import { ThreadStateStore } from './thread-state-store.js'
import type { Thread } from './thread.entity.js'
import { threadExists } from './threads.errors.js'
import { type NewThread, ThreadsRepository } from './threads.repository.js'

/** A thread that a client asks for. */
export interface ThreadRequest {
  /** Null makes a new id. */
  readonly threadId: string | null
  readonly metadata: JsonObject
  /** What to do when the id is taken. */
  readonly ifExists: 'raise' | 'do_nothing'
  /** Writes to begin with; none when empty. */
  readonly supersteps: readonly Superstep[]
  /** Null takes the configured one. */
  readonly ttl: ThreadTtl | null
}

/** Makes threads (contract 4.1). */
@Injectable()
export class ThreadCreation {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly updates: ThreadUpdates,
    private readonly store: ThreadStateStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes a thread, or returns the one of this id untouched. Its supersteps are worked out before anything is stored,
   * and stored with it: one that fails leaves nothing behind.
   * @throws AppError `thread_exists`, `thread_has_no_graph`, `graph_not_found`, `update_refused`.
   */
  async create(request: ThreadRequest): Promise<Thread> {
    const threadId = request.threadId ?? newId()
    const isWritten = request.supersteps.length > 0
    const thread = { threadId, metadata: request.metadata, config: {} }
    const ref = isWritten ? requireGraph(thread) : null
    const existing = ref && (await this.#existing(threadId, request))
    if (existing) return existing
    const prepared = ref && (await this.updates.prepare(ref, request.supersteps))
    const now = this.clock.now()
    const row: NewThread = { ...thread, status: 'idle', temporary: false, ttl: request.ttl, now }
    const created = prepared ? await this.#insertWithState(row, prepared) : await this.#insert(row)
    // None again only when the thread was deleted in between: then the id is free.
    return created ?? (await this.#existing(threadId, request)) ?? this.create({ ...request, threadId })
  }

  #insert(row: NewThread): Promise<Thread | null> {
    return this.threads.insertIfAbsent(this.database, row)
  }

  #insertWithState(row: NewThread, prepared: PreparedUpdate): Promise<Thread | null> {
    return this.unitOfWork.run(async (tx) => {
      if ((await this.threads.insertIfAbsent(tx, row)) === null) return null
      await this.store.store(tx, row.threadId, prepared)
      return this.threads.find(tx, row.threadId)
    })
  }

  async #existing(threadId: string, { ifExists }: ThreadRequest): Promise<Thread | null> {
    const existing = await this.threads.find(this.database, threadId)
    if (existing !== null && ifExists === 'raise') throw threadExists()
    return existing
  }
}
