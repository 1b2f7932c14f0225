import { Injectable } from '@nestjs/common'
import { Authorization, isVisible, type Visibility } from '#auth'
import { Database, type Transaction, UnitOfWork } from '#database'
import { type CheckpointRef, type PreparedUpdate, type Superstep, ThreadUpdates, type WireCheckpoint } from '#graphs'
import { SerialByKey } from './serial-by-key.js'
import { requireGraph } from './thread-graph.js'
import { ThreadStateStore } from './thread-state-store.js'
import { threadBusy, threadNotFound } from './threads.errors.js'
import { type SeenThread, ThreadsRepository } from './threads.repository.js'

/** How often an update is worked out anew because the thread changed meanwhile, before it gives up. */
const TRIES = 5

/**
 * Changes of a thread's state by clients (contract 4.9).
 *
 * An update calls the user's graph, so no transaction and no lock may be held meanwhile. It is worked out beside the
 * database first; then, under the thread's lock, it is stored if the thread's row is still the one that was seen. Every
 * run marks the row when it is inserted and when it ends, and so does every other update: an unchanged row means that
 * nothing was executed in between. If it has changed, the update is worked out again on what is there now, or refused
 * when a run is in flight. Updates of one process wait for each other by thread, so that many at once do not all begin
 * again.
 */
@Injectable()
export class ThreadStateUpdates {
  readonly #serial = new SerialByKey()

  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly updates: ThreadUpdates,
    private readonly store: ThreadStateStore,
    private readonly authorization: Authorization,
  ) {}

  /**
   * Writes a checkpoint on top of the one that is meant, and returns where it stands.
   * @throws AppError `thread_not_found`, `thread_busy`, `thread_has_no_graph`, `graph_not_found`, `update_refused`.
   */
  async update(threadId: string, superstep: Superstep, at: CheckpointRef): Promise<WireCheckpoint> {
    const visibility = await this.authorization.ask('threads:update', { thread_id: threadId })
    return this.#serial.run(threadId, async () => {
      for (let attempt = 0; attempt < TRIES; attempt += 1) {
        const seen = requireQuiet(threadId, visibility, await this.threads.see(this.database, threadId))
        const prepared = await this.updates.prepare(requireGraph(seen.thread), [superstep], at)
        const isStored = await this.unitOfWork.run((tx) => this.#storeIfUnchanged(tx, seen, prepared))
        if (isStored) return prepared.checkpoint
      }
      throw threadBusy()
    })
  }

  async #storeIfUnchanged(tx: Transaction, seen: SeenThread, prepared: PreparedUpdate): Promise<boolean> {
    const { threadId } = seen.thread
    const now = requireQuiet(threadId, null, await this.threads.lockSeen(tx, threadId))
    if (now.version !== seen.version) return false
    await this.store.store(tx, threadId, prepared)
    return true
  }
}

/** The contract's busy is any run that is pending or running: then the status says so (contract 7.2). */
function requireQuiet(threadId: string, visibility: Visibility, seen: SeenThread | null): SeenThread {
  if (seen === null || !isVisible(visibility, seen.thread.metadata)) throw threadNotFound(threadId)
  if (seen.thread.status === 'busy') throw threadBusy()
  return seen
}
