import type { Queryable } from '#database'
import { CHECKPOINT_SCHEMA } from './checkpoints.repository.js'
import type { StagedCheckpoints } from './staged-checkpoints.js'

const INSERT_BLOBS = `
  INSERT INTO "${CHECKPOINT_SCHEMA}".checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob)
  SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
  ON CONFLICT (thread_id, checkpoint_ns, channel, version) DO NOTHING`

const INSERT_CHECKPOINTS = `
  INSERT INTO "${CHECKPOINT_SCHEMA}".checkpoints
    (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata)
  SELECT $1, ns, id, parent_id, checkpoint::jsonb, metadata::jsonb
  FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS t(ns, id, parent_id, checkpoint, metadata)`

/* As the saver does it: of a task's writes only those with a fixed place (below 0) take the place of an earlier one. */
const INSERT_WRITES = `
  INSERT INTO "${CHECKPOINT_SCHEMA}".checkpoint_writes
    (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob)
  SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::bytea[])
  ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id, task_id, idx) DO UPDATE
    SET channel = excluded.channel, type = excluded.type, blob = excluded.blob WHERE excluded.idx < 0`

/** Stores staged rows: one statement for each of the saver's tables. */
export async function insertStaged(
  q: Queryable,
  threadId: string,
  { checkpoints, blobs, writes }: StagedCheckpoints,
): Promise<void> {
  await q.query(INSERT_BLOBS, [
    threadId,
    blobs.map((row) => row.namespace),
    blobs.map((row) => row.channel),
    blobs.map((row) => row.version),
    blobs.map((row) => row.type),
    blobs.map((row) => row.bytes),
  ])
  await q.query(INSERT_CHECKPOINTS, [
    threadId,
    checkpoints.map((row) => row.namespace),
    checkpoints.map((row) => row.id),
    checkpoints.map((row) => row.parentId),
    checkpoints.map((row) => row.checkpointJson),
    checkpoints.map((row) => row.metadataJson),
  ])
  await q.query(INSERT_WRITES, [
    threadId,
    writes.map((row) => row.namespace),
    writes.map((row) => row.checkpointId),
    writes.map((row) => row.taskId),
    writes.map((row) => row.index),
    writes.map((row) => row.channel),
    writes.map((row) => row.type),
    writes.map((row) => row.bytes),
  ])
}
