import { setImmediate as nextTurn } from 'node:timers/promises'
import { BaseCheckpointSaver, type CheckpointMetadata, type CheckpointTuple } from '@langchain/langgraph'
import { type JsonObject, storableJson } from '#kernel'
import { toJson } from './graph-json.js'
import type { WriteJournal } from './write-journal.js'

type Get = BaseCheckpointSaver['getTuple']
type Put = BaseCheckpointSaver['put']
type PutWrites = BaseCheckpointSaver['putWrites']

/** What the saver of an attempt whose checkpoints are stored knows besides. */
export interface StoredAttempt {
  readonly journal: WriteJournal
  /** Whether the run is still this process's; always, when undefined. */
  readonly mayWrite: (() => Promise<boolean>) | undefined
  /** Ends the attempt early. */
  readonly signal: AbortSignal
}

/**
 * The checkpointer as one attempt sees it. It puts the run's metadata into every checkpoint, in a form `jsonb` takes
 * (LangGraph itself stores only `source`, `step` and `parents`), and it is the fence of an abandoned graph: once
 * closed, nothing is written any more, whatever a node that ignores its signal still does; nor while another process may
 * have the run (a process that was stopped does not know it until it looks at its leases).
 *
 * A run that goes on from an interrupt stores pending writes on checkpoints that were there before it. Those are the
 * ones it has read, so only what goes to them is noted in the journal first.
 */
export class RunSaver extends BaseCheckpointSaver {
  /** Private at run time too, as is the store's backend: a RemoteGraph walks through all that hangs on a config. */
  readonly #inner: BaseCheckpointSaver
  readonly #journal: WriteJournal | null
  readonly #mayWrite: () => Promise<boolean>
  readonly #signal: AbortSignal | null
  readonly #metadata: JsonObject
  readonly #writing = new Set<Promise<unknown>>()
  readonly #foreign = new Set<string>()
  #isClosed = false
  /** A task has ended after the abort: checkpoints that come after that may hold what it made. */
  #hasLateTask = false

  constructor(inner: BaseCheckpointSaver, metadata: JsonObject, attempt: StoredAttempt | null = null) {
    super(inner.serde)
    this.#inner = inner
    this.#journal = attempt?.journal ?? null
    this.#mayWrite = attempt?.mayWrite ?? (() => Promise.resolve(true))
    this.#signal = attempt?.signal ?? null
    this.#metadata = JSON.parse(storableJson(toJson(metadata))) as JsonObject
  }

  /** Resolves once no write is under way and none follows at once: LangGraph writes checkpoints in a chain. */
  async drain(): Promise<void> {
    do {
      await Promise.allSettled(this.#writing)
      await nextTurn()
    } while (this.#writing.size > 0)
  }

  /** Refuses every later write, and resolves when the ones under way have ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#writing)
  }

  override async getTuple(config: Parameters<Get>[0]): Promise<CheckpointTuple | undefined> {
    const tuple = await this.#inner.getTuple(config)
    if (tuple) this.#see(tuple)
    return tuple
  }

  override async *list(...args: Parameters<BaseCheckpointSaver['list']>): ReturnType<BaseCheckpointSaver['list']> {
    for await (const tuple of this.#inner.list(...args)) {
      this.#see(tuple)
      yield tuple
    }
  }

  override put(...[config, checkpoint, metadata, newVersions]: Parameters<Put>): ReturnType<Put> {
    if (this.#hasLateTask) return Promise.reject(stoppedBefore())
    const whole = { ...this.#metadata, ...metadata } as CheckpointMetadata
    return this.#write(() => this.#inner.put(config, checkpoint, whole, newVersions))
  }

  /** A task that ends after the abort has not ended: what it has said since was told to nobody, so it is done again. */
  override putWrites(...args: Parameters<PutWrites>): ReturnType<PutWrites> {
    if (this.#signal?.aborted) {
      this.#hasLateTask = true
      return Promise.reject(stoppedBefore())
    }
    return this.#write(async () => {
      await this.#note(args)
      await this.#inner.putWrites(...args)
    })
  }

  override deleteThread(threadId: string): Promise<void> {
    return this.#write(() => this.#inner.deleteThread(threadId))
  }

  override getDeltaChannelHistory(
    options: Parameters<BaseCheckpointSaver['getDeltaChannelHistory']>[0],
  ): ReturnType<BaseCheckpointSaver['getDeltaChannelHistory']> {
    return this.#inner.getDeltaChannelHistory(options)
  }

  override getNextVersion(current: number | undefined): number {
    return this.#inner.getNextVersion(current)
  }

  #see({ checkpoint, metadata }: CheckpointTuple): void {
    const { run_id: runId } = (metadata ?? {}) as { run_id?: unknown }
    if (runId !== this.#metadata['run_id']) this.#foreign.add(checkpoint.id)
  }

  async #note([config, writes, taskId]: Parameters<PutWrites>): Promise<void> {
    const { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpointId } = config.configurable ?? {}
    if (!this.#journal || !this.#foreign.has(String(checkpointId))) return
    await this.#journal.note({
      runId: String(this.#metadata['run_id']),
      threadId: String(threadId),
      namespace: String(namespace ?? ''),
      checkpointId: String(checkpointId),
      taskId,
      channels: writes.map(([channel]) => String(channel)),
    })
  }

  async #write<Result>(write: () => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new Error('The run has ended: its graph may not write checkpoints any more')
    const writing = this.#writeIfAllowed(write)
    this.#writing.add(writing)
    try {
      return await writing
    } finally {
      this.#writing.delete(writing)
    }
  }

  async #writeIfAllowed<Result>(write: () => Promise<Result>): Promise<Result> {
    if (!(await this.#mayWrite()))
      throw new Error('The run may be another process’s by now: its graph may not write checkpoints')
    return write()
  }
}

function stoppedBefore(): Error {
  return new Error('The attempt was stopped before this task had ended')
}
