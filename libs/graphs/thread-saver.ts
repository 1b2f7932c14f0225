import type { BaseCheckpointSaver } from '@langchain/langgraph'
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres'
import type { Pool } from 'pg'
import { prepared } from '#database'
import { keepWrites, putCheckpoints, replaceWrites } from './checkpoint-rows.repository.js'
import { CHECKPOINT_SCHEMA } from './checkpoints.repository.js'

type Put = BaseCheckpointSaver['put']
type PutWrites = BaseCheckpointSaver['putWrites']

/** Where a checkpoint stands, as LangGraph has it in a config. */
interface Place {
  readonly thread_id: string
  readonly checkpoint_ns: string
  readonly checkpoint_id: string
}

/**
 * LangGraph's PostgreSQL saver, mended in three places.
 *
 * The versions of a channel are such that no two branches of a thread share one. The saver keeps a value once per
 * version and never writes it again; counting 1, 2, 3, … as LangGraph does by itself, a fork (a run or an update at an
 * older checkpoint, or a run after a rolled back one) would meet the numbers of the branch that it left, and read that
 * branch's values instead of its own.
 *
 * Metadata is read as it is stored: LangGraph would make objects of what looks like a serialised one, and where it
 * cannot, fail on that checkpoint for ever.
 *
 * What is put goes to the database in one statement, without a transaction around it: LangGraph's own takes one for
 * each row. The rows are the same.
 */
export class ThreadSaver extends PostgresSaver {
  readonly #pool: Pool

  constructor(pool: Pool, serde?: BaseCheckpointSaver['serde']) {
    super(pool, serde, { schema: CHECKPOINT_SCHEMA })
    this.#pool = pool
    // What `getTuple` sends for the latest checkpoint of a thread, with which every run begins.
    prepared(
      `${this['SQL_STATEMENTS'].SELECT_SQL}WHERE thread_id = $1 AND checkpoint_ns = $2 ORDER BY checkpoint_id DESC LIMIT 1`,
    )
  }

  /** Greater than the current one, as LangGraph asks; the fraction is chance. */
  override getNextVersion(current: number | undefined): number {
    return Math.floor(current ?? 0) + 1 + Math.random()
  }

  /** Stores the checkpoint and the values that are new with it: all of it or nothing. */
  override async put(...[config, checkpoint, metadata, newVersions]: Parameters<Put>): ReturnType<Put> {
    if (config.configurable === undefined) throw new Error('Missing "configurable" field in "config" param')
    const { thread_id: threadId, checkpoint_ns: namespace = '', checkpoint_id: parentId } = placeIn(config)
    const checkpointJson = JSON.stringify(this._dumpCheckpoint(checkpoint))
    const [blobs, stored] = await Promise.all([
      this._dumpBlobs(threadId!, namespace, checkpoint.channel_values, newVersions),
      this._dumpMetadata(metadata) as Promise<unknown>,
    ])
    const row = { namespace, id: checkpoint.id, parentId: parentId ?? null, checkpointJson }
    await putCheckpoints(this.#pool, threadId!, {
      checkpoints: [{ ...row, metadataJson: JSON.stringify(stored) }],
      blobs: blobs.map(([, , channel, version, type, bytes]) => {
        return { namespace, channel, version, type, bytes: bytes ?? null }
      }),
    })
    return { configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpoint.id } }
  }

  /** Stores a task's writes: special ones take the place of earlier ones where all of them are special. */
  override async putWrites(...[config, writes, taskId]: Parameters<PutWrites>): ReturnType<PutWrites> {
    const { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpointId } = placeIn(config) as Place
    const dumped = await this._dumpWrites(threadId, namespace, checkpointId, taskId, writes as [string, unknown][])
    const rows = dumped.map(([, , , , index, channel, type, bytes]) => {
      return { namespace, checkpointId, taskId, index, channel, type, bytes }
    })
    const store = rows.every(({ index }) => index < 0) ? replaceWrites : keepWrites
    if (rows.length > 0) await store(this.#pool, threadId, rows)
  }

  /** Nothing is made of it. */
  protected override _loadMetadata(metadata: Record<string, unknown>): Promise<Record<string, unknown>> {
    return Promise.resolve(metadata)
  }
}

function placeIn({ configurable }: Parameters<Put>[0]): Partial<Place> {
  return (configurable ?? {}) as Partial<Place>
}
