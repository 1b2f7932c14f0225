import { setImmediate as nextTurn } from 'node:timers/promises'
import { BaseCheckpointSaver, type CheckpointMetadata, type CheckpointTuple } from '@langchain/langgraph'
import { type JsonObject, storableJson } from '#kernel'
import { toJson } from './graph-json.js'

type Put = BaseCheckpointSaver['put']
type PutWrites = BaseCheckpointSaver['putWrites']

/**
 * The checkpointer as one attempt sees it. It puts the run's metadata into every checkpoint, in a form `jsonb` takes
 * (LangGraph itself stores only `source`, `step` and `parents`), and it is the fence of an abandoned graph: once
 * closed, nothing is written any more, whatever a node that ignores its signal still does.
 */
export class RunSaver extends BaseCheckpointSaver {
  /** Private at run time too, as is the store's backend: a RemoteGraph walks through all that hangs on a config. */
  readonly #inner: BaseCheckpointSaver
  readonly #metadata: JsonObject
  readonly #writing = new Set<Promise<unknown>>()
  #isClosed = false

  constructor(inner: BaseCheckpointSaver, metadata: JsonObject) {
    super(inner.serde)
    this.#inner = inner
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

  override getTuple(config: Parameters<BaseCheckpointSaver['getTuple']>[0]): Promise<CheckpointTuple | undefined> {
    return this.#inner.getTuple(config)
  }

  override list(...args: Parameters<BaseCheckpointSaver['list']>): ReturnType<BaseCheckpointSaver['list']> {
    return this.#inner.list(...args)
  }

  override put(...[config, checkpoint, metadata, newVersions]: Parameters<Put>): ReturnType<Put> {
    const whole = { ...this.#metadata, ...metadata } as CheckpointMetadata
    return this.#write(() => this.#inner.put(config, checkpoint, whole, newVersions))
  }

  override putWrites(...args: Parameters<PutWrites>): ReturnType<PutWrites> {
    return this.#write(() => this.#inner.putWrites(...args))
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

  async #write<Result>(write: () => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new Error('The run has ended: its graph may not write checkpoints any more')
    const writing = write()
    this.#writing.add(writing)
    try {
      return await writing
    } finally {
      this.#writing.delete(writing)
    }
  }
}
