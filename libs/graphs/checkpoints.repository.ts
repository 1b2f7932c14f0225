import type { Queryable } from '#database'
import { type JsonObject, toJsonb } from '#kernel'

/** The saver's schema. Its tables and migrations are the saver's own. */
export const CHECKPOINT_SCHEMA = 'langgraph'

const DELETE_THREAD = ['checkpoint_writes', 'checkpoint_blobs', 'checkpoints'].map(
  (table) => `DELETE FROM "${CHECKPOINT_SCHEMA}".${table} WHERE thread_id = $1`,
)

const DELETE_RUN_WRITES = `
  DELETE FROM "${CHECKPOINT_SCHEMA}".checkpoint_writes w USING "${CHECKPOINT_SCHEMA}".checkpoints c
  WHERE c.thread_id = $1 AND c.metadata ->> 'run_id' = $2
    AND w.thread_id = c.thread_id AND w.checkpoint_ns = c.checkpoint_ns AND w.checkpoint_id = c.checkpoint_id`

const DELETE_RUN_CHECKPOINTS = `
  DELETE FROM "${CHECKPOINT_SCHEMA}".checkpoints WHERE thread_id = $1 AND metadata ->> 'run_id' = $2`

/** Removes all checkpoints of a thread, of its subgraphs too. */
export async function deleteThreadCheckpoints(q: Queryable, threadId: string): Promise<void> {
  for (const statement of DELETE_THREAD) await q.query(statement, [threadId])
}

/** Removes the checkpoints of one run. Blobs stay: a version of a channel may be shared with other checkpoints. */
export async function deleteRunCheckpoints(q: Queryable, threadId: string, runId: string): Promise<void> {
  await q.query(DELETE_RUN_WRITES, [threadId, runId])
  await q.query(DELETE_RUN_CHECKPOINTS, [threadId, runId])
}

const MERGE_LATEST_METADATA = `
  UPDATE "${CHECKPOINT_SCHEMA}".checkpoints SET metadata = metadata || $2::jsonb
  WHERE thread_id = $1 AND checkpoint_ns = '' AND checkpoint_id = (
    SELECT checkpoint_id FROM "${CHECKPOINT_SCHEMA}".checkpoints
    WHERE thread_id = $1 AND checkpoint_ns = '' ORDER BY checkpoint_id DESC LIMIT 1)`

/** Merges into the metadata of the root graph's latest checkpoint; false when there is none. */
export async function mergeLatestMetadata(q: Queryable, threadId: string, metadata: JsonObject): Promise<boolean> {
  const { affected } = await q.query(MERGE_LATEST_METADATA, [threadId, toJsonb(metadata)])
  return affected > 0
}
