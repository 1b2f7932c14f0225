import type { BaseCheckpointSaver } from '@langchain/langgraph'
import { Injectable } from '@nestjs/common'
import { DatabasePool, type Queryable } from '#database'
import type { JsonObject } from '#kernel'
import { setUpCheckpoints } from './checkpoint-setup.js'
import { copyCheckpoints, keepLatestCheckpoints } from './checkpoint-copies.repository.js'
import { keepWrites, putCheckpoints, replaceWrites } from './checkpoint-rows.repository.js'
import { deleteRunCheckpoints, deleteThreadCheckpoints, mergeLatestMetadata } from './checkpoints.repository.js'
import type { StagedCheckpoints } from './staged-checkpoints.js'
import { StateSerializer } from './state-serializer.js'
import { ThreadSaver } from './thread-saver.js'
import { DatabaseWriteJournal, type WriteJournal } from './write-journal.js'
import { undoRunWrites } from './write-journal.repository.js'

/** The checkpoints of all threads: LangGraph's own PostgreSQL saver on the process's one pool, in its own schema. */
@Injectable()
export class Checkpoints {
  readonly #saver: ThreadSaver
  readonly #journal: WriteJournal

  constructor(private readonly database: DatabasePool) {
    this.#saver = new ThreadSaver(database.pool, new StateSerializer())
    this.#journal = new DatabaseWriteJournal(database.pool)
  }

  /** What graphs write to. It takes a connection of the pool: never call it inside a transaction. */
  get saver(): BaseCheckpointSaver {
    return this.#saver
  }

  /** Where a run's saver notes what it changes on earlier checkpoints; takes a connection as `saver` does. */
  get journal(): WriteJournal {
    return this.#journal
  }

  /** Brings the saver's tables up to date; called once at start, after the migrations and under their lock. */
  async setup(): Promise<void> {
    await setUpCheckpoints(this.database.pool)
  }

  /** Deletes the checkpoints of a thread, inside the caller's transaction. */
  async deleteThread(q: Queryable, threadId: string): Promise<void> {
    await deleteThreadCheckpoints(q, threadId)
  }

  /**
   * Undoes what the run wrote (contract 5.5, rollback), inside the caller's transaction: its checkpoints go, and on
   * those that were there before it the pending writes are again what they were, if its row still stands.
   */
  async deleteRun(q: Queryable, threadId: string, runId: string): Promise<void> {
    await deleteRunCheckpoints(q, threadId, runId)
    await undoRunWrites(q, runId)
  }

  /**
   * Stores what an update has staged, inside the caller's transaction. As the saver does it: of a task's writes only
   * those with a fixed place (below 0) take the place of an earlier one.
   */
  async store(q: Queryable, threadId: string, staged: StagedCheckpoints): Promise<void> {
    const replaced = staged.writes.filter(({ index }) => index < 0)
    const kept = staged.writes.filter(({ index }) => index >= 0)
    await putCheckpoints(q, threadId, staged)
    if (kept.length > 0) await keepWrites(q, threadId, kept)
    if (replaced.length > 0) await replaceWrites(q, threadId, replaced)
  }

  /**
   * Merges into the metadata of the root graph's latest checkpoint, key by key; keys of LangGraph's and this server's
   * own stay as they are. False when there is no checkpoint.
   */
  async mergeMetadata(q: Queryable, threadId: string, metadata: JsonObject): Promise<boolean> {
    const own = Object.entries(metadata).filter(([key]) => !SERVER_KEYS.has(key) && !key.startsWith('__'))
    return mergeLatestMetadata(q, threadId, Object.fromEntries(own))
  }

  /** Copies every checkpoint under the same id to another thread, inside the caller's transaction. */
  async copyThread(q: Queryable, from: string, to: string): Promise<void> {
    await copyCheckpoints(q, from, to)
  }

  /**
   * Keeps the newest checkpoint of each namespace and the values it needs, inside the caller's transaction. Nothing
   * may be executed on the thread meanwhile.
   */
  async keepLatest(q: Queryable, threadId: string): Promise<void> {
    await keepLatestCheckpoints(q, threadId)
  }
}

/** What LangGraph and this server read in a checkpoint's metadata: no client may set it. */
const SERVER_KEYS = new Set([
  'source',
  'step',
  'parents',
  'run_id',
  'run_attempt',
  'thread_id',
  'graph_id',
  'assistant_id',
  'checkpoint_ns',
  'counters_since_delta_snapshot',
])
