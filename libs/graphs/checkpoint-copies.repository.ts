import type { Queryable } from '#database'
import { CHECKPOINT_SCHEMA } from './checkpoints.repository.js'

const CHECKPOINTS = `"${CHECKPOINT_SCHEMA}".checkpoints`
const BLOBS = `"${CHECKPOINT_SCHEMA}".checkpoint_blobs`
const WRITES = `"${CHECKPOINT_SCHEMA}".checkpoint_writes`

/* Checkpoints first: what a run adds between the statements has values that are not copied, but no checkpoint then. */
const COPY = [
  `INSERT INTO ${CHECKPOINTS}
     (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata)
   SELECT $2, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint,
     CASE WHEN jsonb_exists(metadata, 'thread_id') THEN jsonb_set(metadata, '{thread_id}', to_jsonb($2::text))
          ELSE metadata END
   FROM ${CHECKPOINTS} WHERE thread_id = $1`,
  `INSERT INTO ${BLOBS} (thread_id, checkpoint_ns, channel, version, type, blob)
   SELECT $2, checkpoint_ns, channel, version, type, blob FROM ${BLOBS} WHERE thread_id = $1`,
  `INSERT INTO ${WRITES} (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob)
   SELECT $2, w.checkpoint_ns, w.checkpoint_id, w.task_id, w.idx, w.channel, w.type, w.blob
   FROM ${WRITES} w JOIN ${CHECKPOINTS} c
     ON c.thread_id = $2 AND c.checkpoint_ns = w.checkpoint_ns AND c.checkpoint_id = w.checkpoint_id
   WHERE w.thread_id = $1`,
]

/*
 * The value of a delta channel is made of its ancestors' writes: a namespace whose newest checkpoint counts supersteps
 * since the last whole value keeps everything until the next one.
 */
const DELETE_OLDER = `
  DELETE FROM ${CHECKPOINTS} c USING (
    SELECT DISTINCT ON (checkpoint_ns) checkpoint_ns, checkpoint_id, metadata FROM ${CHECKPOINTS}
    WHERE thread_id = $1 ORDER BY checkpoint_ns, checkpoint_id DESC) latest
  WHERE c.thread_id = $1 AND c.checkpoint_ns = latest.checkpoint_ns AND c.checkpoint_id < latest.checkpoint_id
    AND NOT jsonb_exists(latest.metadata, 'counters_since_delta_snapshot')`

const FORGET_PARENTS = `
  UPDATE ${CHECKPOINTS} c SET parent_checkpoint_id = NULL
  WHERE c.thread_id = $1 AND c.parent_checkpoint_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM ${CHECKPOINTS} p WHERE p.thread_id = $1 AND p.checkpoint_ns = c.checkpoint_ns
      AND p.checkpoint_id = c.parent_checkpoint_id)`

const DELETE_UNUSED_BLOBS = `
  DELETE FROM ${BLOBS} b WHERE b.thread_id = $1 AND NOT EXISTS (
    SELECT 1 FROM ${CHECKPOINTS} c, jsonb_each_text(c.checkpoint -> 'channel_versions') v
    WHERE c.thread_id = $1 AND c.checkpoint_ns = b.checkpoint_ns AND v.key = b.channel AND v.value = b.version)`

const DELETE_UNUSED_WRITES = `
  DELETE FROM ${WRITES} w WHERE w.thread_id = $1 AND NOT EXISTS (
    SELECT 1 FROM ${CHECKPOINTS} c WHERE c.thread_id = $1 AND c.checkpoint_ns = w.checkpoint_ns
      AND c.checkpoint_id = w.checkpoint_id)`

const KEEP_LATEST = [DELETE_OLDER, FORGET_PARENTS, DELETE_UNUSED_BLOBS, DELETE_UNUSED_WRITES]

/** Copies the checkpoints of a thread, of its subgraphs too, under the same ids (contract 4.7). */
export async function copyCheckpoints(q: Queryable, from: string, to: string): Promise<void> {
  for (const statement of COPY) await q.query(statement, [from, to])
}

/** Removes all but the newest checkpoint of each namespace, and the values that none of them names. */
export async function keepLatestCheckpoints(q: Queryable, threadId: string): Promise<void> {
  for (const statement of KEEP_LATEST) await q.query(statement, [threadId])
}
