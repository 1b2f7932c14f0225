import { Injectable } from '@nestjs/common'
import type { Transaction } from '#database'
import { fromRunRow, type RunRow } from './run-row.js'
import type { Run } from './run.js'

/** The runs of the table `runs` that belong to an assistant. */
@Injectable()
export class AssistantRunsRepository {
  /** Some of the threads on which runs of the assistant are pending or running, in the order of their ids. */
  async activeThreads(tx: Transaction, assistantId: string, limit: number): Promise<string[]> {
    const { rows } = await tx.query<{ thread_id: string }>(
      `SELECT DISTINCT thread_id FROM runs WHERE assistant_id = $1 AND status IN ('pending', 'running')
       ORDER BY thread_id LIMIT $2`,
      [assistantId, limit],
    )
    return rows.map((row) => row.thread_id)
  }

  /** Locks the assistant's pending and running runs on a thread, oldest first; the caller holds the thread's lock. */
  async lockActive(tx: Transaction, assistantId: string, threadId: string): Promise<Run[]> {
    const { rows } = await tx.query<RunRow>(
      `SELECT * FROM runs WHERE thread_id = $2 AND assistant_id = $1 AND status IN ('pending', 'running')
       ORDER BY created_at, run_id FOR UPDATE`,
      [assistantId, threadId],
    )
    return rows.map(fromRunRow)
  }

  /** Deletes up to `limit` of the assistant's runs behind this id; null begins with the lowest. Returns their ids. */
  async deleteSome(tx: Transaction, assistantId: string, afterId: string | null, limit: number): Promise<string[]> {
    const { rows } = await tx.query<{ run_id: string }>(
      `WITH batch AS (
         SELECT run_id FROM runs WHERE assistant_id = $1 AND ($2::uuid IS NULL OR run_id > $2) ORDER BY run_id LIMIT $3
       )
       DELETE FROM runs USING batch WHERE runs.run_id = batch.run_id RETURNING runs.run_id`,
      [assistantId, afterId, limit],
    )
    return rows.map((row) => row.run_id).sort()
  }
}
