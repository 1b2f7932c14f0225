import type { Queryable } from '#database'
import { CHECKPOINT_SCHEMA } from './checkpoints.repository.js'

const CHECKPOINTS = `"${CHECKPOINT_SCHEMA}".checkpoints`
const WRITES = `"${CHECKPOINT_SCHEMA}".checkpoint_writes`

const sameWrite = (a: string, b: string) =>
  ['thread_id', 'checkpoint_ns', 'checkpoint_id', 'task_id', 'idx']
    .map((key) => `${a}.${key} = ${b}.${key}`)
    .join(' AND ')

/** Another run has written in the same place since. */
const isOverwritten = `EXISTS (SELECT 1 FROM checkpoint_write_journal n WHERE ${sameWrite('n', 'j')} AND n.entry > j.entry)`

/** Notes the rows that stand where a run is about to write; the run's first note of a place counts. */
export const NOTE_WRITES = `
  INSERT INTO checkpoint_write_journal (run_id, thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob)
  SELECT $1, $2, $3, $4, $5, i.idx, w.channel, w.type, w.blob
  FROM unnest($6::int[]) AS i (idx) LEFT JOIN ${WRITES} w
    ON w.thread_id = $2 AND w.checkpoint_ns = $3 AND w.checkpoint_id = $4 AND w.task_id = $5 AND w.idx = i.idx
  ON CONFLICT DO NOTHING`

/*
 * What a later run found in the place was this run's: its note becomes what was there before both. Where nobody wrote
 * since, the rows themselves are put back.
 */
const UNDO = [
  `UPDATE checkpoint_write_journal l SET channel = j.channel, type = j.type, blob = j.blob
   FROM checkpoint_write_journal j
   WHERE j.run_id = $1 AND ${sameWrite('l', 'j')} AND l.entry = (
     SELECT min(n.entry) FROM checkpoint_write_journal n WHERE ${sameWrite('n', 'j')} AND n.entry > j.entry)`,
  `DELETE FROM ${WRITES} w USING checkpoint_write_journal j
   WHERE j.run_id = $1 AND ${sameWrite('w', 'j')} AND NOT ${isOverwritten}`,
  `INSERT INTO ${WRITES} (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob)
   SELECT j.thread_id, j.checkpoint_ns, j.checkpoint_id, j.task_id, j.idx, j.channel, j.type, j.blob
   FROM checkpoint_write_journal j JOIN ${CHECKPOINTS} c
     ON c.thread_id = j.thread_id AND c.checkpoint_ns = j.checkpoint_ns AND c.checkpoint_id = j.checkpoint_id
   WHERE j.run_id = $1 AND j.channel IS NOT NULL AND NOT ${isOverwritten}`,
]

/** Puts back what stood on earlier checkpoints before this run wrote there. Its notes go with the run's row. */
export async function undoRunWrites(q: Queryable, runId: string): Promise<void> {
  for (const statement of UNDO) await q.query(statement, [runId])
}
