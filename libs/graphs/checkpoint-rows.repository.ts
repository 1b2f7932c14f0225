import { prepared } from '#database'
import { CHECKPOINT_SCHEMA } from './checkpoints.repository.js'
import type { BlobRow, CheckpointRow, WriteRow } from './staged-checkpoints.js'

/** Where rows are sent: a transaction, or the saver's pool, on which each statement commits by itself. */
export interface RowSender {
  query(sql: string, parameters: unknown[]): Promise<unknown>
}

/* $1 thread; $2 the bytes of all rows, one after the other: elements of an array would be sent as hexadecimal text. */
const BYTES = 'substring($2::bytea FROM first FOR length)'

/* $3 to $8 the blobs, $9 to $13 the checkpoints, one array per column. */
const PUT_CHECKPOINTS = prepared(
  `
  WITH blobs AS (
    INSERT INTO "${CHECKPOINT_SCHEMA}".checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob)
    SELECT $1::text, ns, channel, version, type, ${BYTES}
    FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::int[])
      AS blob (ns, channel, version, type, first, length)
    ON CONFLICT (thread_id, checkpoint_ns, channel, version) DO NOTHING
  )
  INSERT INTO "${CHECKPOINT_SCHEMA}".checkpoints
    (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata)
  SELECT $1::text, ns, id, parent_id, checkpoint::jsonb, metadata::jsonb
  FROM unnest($9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
    AS put (ns, id, parent_id, checkpoint, metadata)
  ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id) DO UPDATE
    SET checkpoint = excluded.checkpoint, metadata = excluded.metadata`,
)

/* $3 to $10 one array per column. */
const INSERT_WRITES = `
  INSERT INTO "${CHECKPOINT_SCHEMA}".checkpoint_writes
    (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob)
  SELECT $1::text, ns, checkpoint_id, task_id, idx, channel, type, ${BYTES}
  FROM unnest($3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::int[], $10::int[])
    AS write (ns, checkpoint_id, task_id, idx, channel, type, first, length)
  ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id, task_id, idx)`

const KEEP_WRITES = prepared(`${INSERT_WRITES} DO NOTHING`)

const REPLACE_WRITES = prepared(
  `${INSERT_WRITES} DO UPDATE
    SET channel = excluded.channel, type = excluded.type, blob = excluded.blob`,
)

/**
 * Stores checkpoints and the values that they bring, in one statement. A version of a value that is stored stays as it
 * is; a checkpoint that is stored is written anew.
 */
export async function putCheckpoints(
  q: RowSender,
  threadId: string,
  { checkpoints, blobs }: { readonly checkpoints: readonly CheckpointRow[]; readonly blobs: readonly BlobRow[] },
): Promise<void> {
  const { bytes, first, length } = laid(blobs)
  await q.query(PUT_CHECKPOINTS, [
    threadId,
    bytes,
    blobs.map((row) => row.namespace),
    blobs.map((row) => row.channel),
    blobs.map((row) => row.version),
    blobs.map((row) => row.type),
    first,
    length,
    checkpoints.map((row) => row.namespace),
    checkpoints.map((row) => row.id),
    checkpoints.map((row) => row.parentId),
    checkpoints.map((row) => row.checkpointJson),
    checkpoints.map((row) => row.metadataJson),
  ])
}

/** Stores writes in one statement; what is stored in the place of one stays. */
export async function keepWrites(q: RowSender, threadId: string, writes: readonly WriteRow[]): Promise<void> {
  await q.query(KEEP_WRITES, writeParameters(threadId, writes))
}

/** The same, and what is stored in the place of one gives way. */
export async function replaceWrites(q: RowSender, threadId: string, writes: readonly WriteRow[]): Promise<void> {
  // One statement may not replace a row twice.
  const last = new Map(writes.map((row) => [placeOf(row), row]))
  await q.query(REPLACE_WRITES, writeParameters(threadId, [...last.values()]))
}

function placeOf({ namespace, checkpointId, taskId, index }: WriteRow): string {
  return JSON.stringify([namespace, checkpointId, taskId, index])
}

function writeParameters(threadId: string, writes: readonly WriteRow[]): unknown[] {
  const { bytes, first, length } = laid(writes)
  return [
    threadId,
    bytes,
    writes.map((row) => row.namespace),
    writes.map((row) => row.checkpointId),
    writes.map((row) => row.taskId),
    writes.map((row) => row.index),
    writes.map((row) => row.channel),
    writes.map((row) => row.type),
    first,
    length,
  ]
}

/** The bytes of all rows, and where each row's begin, counted from 1, and how many they are; null where it has none. */
function laid(rows: readonly { readonly bytes: Uint8Array | null }[]) {
  let end = 1
  const first = rows.map(({ bytes }) => {
    const start = end
    end += bytes?.length ?? 0
    return start
  })
  const length = rows.map(({ bytes }) => bytes?.length ?? null)
  return { bytes: Buffer.concat(rows.map(({ bytes }) => bytes ?? new Uint8Array())), first, length }
}
