import {
  BaseCheckpointSaver,
  type Checkpoint,
  type CheckpointMetadata,
  type CheckpointTuple,
} from '@langchain/langgraph'
import { isJsonObject, type JsonObject, storableJson, storableText } from '#kernel'
import { storableGraphJson } from './settled-state.js'
import type { BlobRow, CheckpointRow, StagedCheckpoints, WriteRow } from './staged-checkpoints.js'
import { writeIndex } from './write-index.js'

type Put = BaseCheckpointSaver['put']
type PutWrites = BaseCheckpointSaver['putWrites']
type Config = Parameters<BaseCheckpointSaver['getTuple']>[0]

/** What a run writes about itself: an update that copies a run's checkpoint is not that run's. */
const RUN_KEYS = ['run_id', 'run_attempt']

/**
 * A checkpointer that writes nothing: what a graph puts is kept, and read again by the graph, on top of what is
 * stored. So a graph can be called outside of any transaction, and all that it wrote be stored afterwards in one.
 */
export class StagedSaver extends BaseCheckpointSaver implements StagedCheckpoints {
  readonly checkpoints: CheckpointRow[] = []
  readonly blobs: BlobRow[] = []
  readonly writes: WriteRow[] = []
  /** What reading from the database met, if it failed: not the fault of the graph or of its caller. */
  readFailure: { readonly thrown: unknown } | null = null
  readonly #tuples: CheckpointTuple[] = []
  readonly #metadata: JsonObject

  constructor(
    private readonly stored: BaseCheckpointSaver,
    metadata: JsonObject,
  ) {
    super(stored.serde)
    this.#metadata = JSON.parse(storableGraphJson(metadata)) as JsonObject
  }

  override async getTuple(config: Config): Promise<CheckpointTuple | undefined> {
    const { namespace, id } = addressOf(config)
    const staged = this.#newest(namespace, id)
    const stored = id !== null && staged ? undefined : await this.#read(config)
    const tuple = newerOf(staged, stored)
    return tuple && this.#withWrites(await this.#copy(tuple))
  }

  /** Only what is stored: no graph lists checkpoints while it updates a state. */
  override list(...args: Parameters<BaseCheckpointSaver['list']>): ReturnType<BaseCheckpointSaver['list']> {
    return this.stored.list(...args)
  }

  override async put(...[config, checkpoint, given, newVersions]: Parameters<Put>): ReturnType<Put> {
    const { threadId, namespace, id: parentId } = addressOf(config)
    const own = Object.entries(given).filter(([key]) => !RUN_KEYS.includes(key))
    const metadata = { ...this.#metadata, ...Object.fromEntries(own) } as CheckpointMetadata
    await this.#stageBlobs(namespace, checkpoint.channel_values, newVersions)
    this.checkpoints.push(checkpointRow(checkpoint, { namespace, parentId, metadata }))
    const at = (id: string) => ({
      configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: id },
    })
    const parentConfig = parentId === null ? {} : { parentConfig: at(parentId) }
    this.#tuples.push({ config: at(checkpoint.id), checkpoint, metadata, ...parentConfig })
    return at(checkpoint.id)
  }

  override async putWrites(...[config, writes, taskId]: Parameters<PutWrites>): ReturnType<PutWrites> {
    const { namespace, id } = addressOf(config)
    if (id === null) throw new Error('Writes belong to a checkpoint: its id is missing')
    for (const [place, [channel, value]] of writes.entries()) {
      const [type, bytes] = await this.serde.dumpsTyped(value)
      const index = writeIndex(channel, place)
      this.writes.push({ namespace, checkpointId: id, taskId, index, channel: storableText(channel), type, bytes })
    }
  }

  override deleteThread(): Promise<void> {
    return Promise.reject(new Error('A graph that updates a state may not delete a thread'))
  }

  override getNextVersion(current: number | undefined): number {
    return this.stored.getNextVersion(current)
  }

  async #stageBlobs(namespace: string, values: Checkpoint['channel_values'], versions: object): Promise<void> {
    for (const [channel, version] of Object.entries(versions)) {
      const [type, bytes] = channel in values ? await this.serde.dumpsTyped(values[channel]) : ['empty', null]
      this.blobs.push({ namespace, channel, version: String(version), type, bytes })
    }
  }

  async #read(config: Config): Promise<CheckpointTuple | undefined> {
    try {
      return await this.stored.getTuple(config)
    } catch (thrown) {
      this.readFailure = { thrown }
      throw thrown
    }
  }

  #newest(namespace: string, id: string | null): CheckpointTuple | undefined {
    const ofNamespace = this.#tuples.filter((tuple) => addressOf(tuple.config).namespace === namespace)
    return ofNamespace.findLast((tuple) => id === null || tuple.checkpoint.id === id)
  }

  /** As it would come back from the database: a reducer that changes its argument must not change what is staged. */
  async #copy(tuple: CheckpointTuple): Promise<CheckpointTuple> {
    if (!this.#tuples.includes(tuple)) return tuple
    const checkpoint = (await this.serde.loadsTyped(...(await this.serde.dumpsTyped(tuple.checkpoint)))) as Checkpoint
    return { ...tuple, checkpoint }
  }

  async #withWrites(tuple: CheckpointTuple): Promise<CheckpointTuple> {
    const { namespace } = addressOf(tuple.config)
    const rows = this.writes.filter((row) => row.namespace === namespace && row.checkpointId === tuple.checkpoint.id)
    const staged = await Promise.all(
      rows.map(async ({ taskId, channel, type, bytes }): Promise<[string, string, unknown]> => {
        return [taskId, channel, await this.serde.loadsTyped(type, bytes)]
      }),
    )
    return { ...tuple, pendingWrites: [...(tuple.pendingWrites ?? []), ...staged] }
  }
}

function checkpointRow(
  { channel_values: _values, ...checkpoint }: Checkpoint,
  { namespace, parentId, metadata }: { namespace: string; parentId: string | null; metadata: CheckpointMetadata },
): CheckpointRow {
  const checkpointJson = storableJson(JSON.stringify(checkpoint))
  return { namespace, id: checkpoint.id, parentId, checkpointJson, metadataJson: storableGraphJson(metadata) }
}

function newerOf(
  staged: CheckpointTuple | undefined,
  stored: CheckpointTuple | undefined,
): CheckpointTuple | undefined {
  if (!staged || !stored) return staged ?? stored
  return staged.checkpoint.id > stored.checkpoint.id ? staged : stored
}

function addressOf(config: Config): { threadId: unknown; namespace: string; id: string | null } {
  const configurable: unknown = config.configurable
  const { thread_id, checkpoint_ns, checkpoint_id } = isJsonObject(configurable) ? configurable : {}
  return {
    threadId: thread_id,
    namespace: typeof checkpoint_ns === 'string' ? checkpoint_ns : '',
    id: typeof checkpoint_id === 'string' ? checkpoint_id : null,
  }
}
