import { Injectable } from '@nestjs/common'
import { type Assistant, AssistantsService } from '#assistants'
import { isVisible, type Visibility } from '#auth'
import type { Transaction } from '#database'
import { graphNotFound, GraphRegistry } from '#graphs'
import { Clock, isJsonObject, newId } from '#kernel'
import { type LockedThread, threadNotFound, ThreadsRepository } from '#threads'
import { QueueRoom } from './queue-room.js'
import { mergeThreadConfig } from './run-kwargs.js'
import type { RunRequest } from './run-request.js'

/** What a new run stands on: its assistant, and its thread, which is locked. */
export interface Ground {
  readonly assistant: Assistant
  readonly thread: LockedThread
  /** The thread was made for this run and goes with it. */
  readonly temporary: boolean
  /** Read once the thread is locked, so that creation order is queue order. */
  readonly now: Date
}

/** The thread that is asked for. */
export interface WantedThread {
  /** Null makes one. */
  readonly threadId: string | null
  /** Its row, locked; null where there is none, or none is asked for. */
  readonly existing: LockedThread | null
  /** Which of those that are there may be used. */
  readonly visible: Visibility
}

/** Finds or makes what a new run stands on (contract 5.3 steps 1 to 3). */
@Injectable()
export class RunGround {
  constructor(
    private readonly assistants: AssistantsService,
    private readonly graphs: GraphRegistry,
    private readonly threads: ThreadsRepository,
    private readonly room: QueueRoom,
    private readonly clock: Clock,
  ) {}

  /** The most runs that one thread may have pending or running. */
  get maxPerThread(): number {
    return this.room.perThread
  }

  /** Room in the queue for so many runs. @throws AppError `run_queue_full`. */
  async takeRoom(tx: Transaction, runs: number): Promise<void> {
    await this.room.take(tx, runs)
  }

  /**
   * The assistant that is meant, which nobody deletes until `tx` ends.
   * @throws AppError 404 for an unknown assistant or graph.
   */
  async assistant(tx: Transaction, assistantId: string): Promise<Assistant> {
    const assistant = await this.assistants.resolve(tx, assistantId)
    if (!this.graphs.has(assistant.graphId)) throw graphNotFound(assistant.graphId)
    return assistant
  }

  /**
   * The same, and the thread, locked after the assistant; null when there is none, or none is asked for.
   * @throws AppError 404 for an unknown assistant or graph.
   */
  async find(
    tx: Transaction,
    { assistantId, threadId }: { readonly assistantId: string; readonly threadId: string | null },
  ): Promise<{ readonly assistant: Assistant; readonly existing: LockedThread | null }> {
    const [assistant, existing] = await Promise.all([
      this.assistant(tx, assistantId),
      threadId === null ? null : this.threads.lock(tx, threadId),
    ])
    return { assistant, existing }
  }

  /** The thread, locked; made when it may be. @throws AppError 404 for an unknown one. */
  async prepare(tx: Transaction, wanted: WantedThread, request: RunRequest, assistant: Assistant): Promise<Ground> {
    const temporary = wanted.threadId === null && request.onCompletion === 'delete'
    const thread = await this.#thread(tx, wanted, assistant, request, temporary)
    return { assistant, thread, temporary, now: this.clock.now() }
  }

  /**
   * Marks the thread as busy with the new run; one that is busy already stays as it is. It is looked at again: cancelling
   * its runs for this one may have left it idle.
   */
  async occupy(tx: Transaction, { assistant, thread, now }: Ground, request: RunRequest): Promise<void> {
    if (thread.status === 'busy' && (await this.threads.lock(tx, thread.threadId))?.status === 'busy') return
    this.threads.markBusy(tx, thread.threadId, {
      graphId: assistant.graphId,
      assistantId: assistant.assistantId,
      config: mergeThreadConfig(request, { assistant, thread }),
      now,
    })
  }

  async #thread(
    tx: Transaction,
    { threadId, existing, visible }: WantedThread,
    assistant: Assistant,
    request: RunRequest,
    temporary: boolean,
  ): Promise<LockedThread> {
    const id = threadId ?? newId()
    if (existing) return shown(existing, visible)
    if (threadId !== null && request.ifNotExists === 'reject') throw threadNotFound(id)
    // Another request may make the same thread at this moment: the insert waits for it, then finds the row.
    const made = await this.threads.insertIfAbsent(tx, this.#newThread(id, assistant, request, temporary))
    if (made) return made
    const other = await this.threads.lock(tx, id)
    if (!other) throw threadNotFound(id)
    return shown(other, visible)
  }

  #newThread(threadId: string, assistant: Assistant, request: RunRequest, temporary: boolean) {
    const configMetadata = isJsonObject(request.config['metadata']) ? request.config['metadata'] : {}
    const own = { graph_id: assistant.graphId, assistant_id: assistant.assistantId }
    return {
      threadId,
      status: 'idle' as const,
      metadata: { ...own, ...configMetadata, ...request.metadata },
      config: {},
      temporary,
      now: this.clock.now(),
    }
  }
}

/** A thread of somebody else's is as none. */
function shown(thread: LockedThread, visible: Visibility): LockedThread {
  if (!isVisible(visible, thread.metadata)) throw threadNotFound(thread.threadId)
  return thread
}
