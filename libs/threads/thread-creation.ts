import { Injectable } from '@nestjs/common'
import { Authorization, isVisible, metadataIn, type Visibility } from '#auth'
import type { ThreadTtl } from '#config'
import { Database } from '#database'
import { type Superstep, ThreadUpdates } from '#graphs'
import { Clock, type JsonObject, newId } from '#kernel'
import { requireGraph } from './thread-graph.js'
import { ThreadInsertion } from './thread-insertion.js'
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
    private readonly threads: ThreadsRepository,
    private readonly updates: ThreadUpdates,
    private readonly insertion: ThreadInsertion,
    private readonly authorization: Authorization,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes a thread, or returns the one of this id untouched. Its supersteps are worked out before anything is stored,
   * and stored with it: one that fails leaves nothing behind.
   * @throws AppError `thread_exists`, also for one that the caller may not see, `thread_has_no_graph`,
   * `graph_not_found`, `update_refused`.
   */
  async create(request: ThreadRequest): Promise<Thread> {
    const threadId = request.threadId ?? newId()
    const { metadata, ifExists } = request
    const value = { thread_id: threadId, metadata: { ...metadata }, if_exists: ifExists }
    const visibility = await this.authorization.ask('threads:create', value)
    return this.#create(threadId, { ...request, metadata: metadataIn(value) }, visibility)
  }

  async #create(threadId: string, request: ThreadRequest, visibility: Visibility): Promise<Thread> {
    const isWritten = request.supersteps.length > 0
    const thread = { threadId, metadata: request.metadata, config: {} }
    const ref = isWritten ? requireGraph(thread) : null
    const existing = ref && (await this.#existing(threadId, request, visibility))
    if (existing) return existing
    const prepared = ref && (await this.updates.prepare(ref, request.supersteps))
    const now = this.clock.now()
    const row: NewThread = { ...thread, status: 'idle', temporary: false, ttl: request.ttl, now }
    const created = await this.insertion.insert(row, prepared)
    // None again only when the thread was deleted in between: then the id is free.
    return (
      created ?? (await this.#existing(threadId, request, visibility)) ?? this.#create(threadId, request, visibility)
    )
  }

  /** What is there already is read, and may be as far as its caller may read it. */
  async #existing(threadId: string, { ifExists }: ThreadRequest, visibility: Visibility): Promise<Thread | null> {
    const existing = await this.threads.find(this.database, threadId)
    if (existing === null) return null
    if (ifExists === 'raise' || !isVisible(visibility, existing.metadata)) throw threadExists()
    const readable = await this.authorization.ask('threads:read', { thread_id: threadId })
    if (!isVisible(readable, existing.metadata)) throw threadExists()
    return existing
  }
}
