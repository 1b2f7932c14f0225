import { Injectable } from '@nestjs/common'
import { prepared, type Queryable, type Transaction } from '#database'
import { toJsonb } from '#kernel'
import type { GoneRun } from './run.js'

/** The answer of a run that has ended. */
export interface StoredResult extends GoneRun {
  /** JSON text. */
  readonly result: string
}

const COLUMNS = 'run_id AS "runId", thread_id AS "threadId", temporary, thread_metadata AS "threadMetadata", result'

const INSERT = prepared(
  `INSERT INTO run_results (run_id, thread_id, temporary, thread_metadata, result, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (run_id) DO NOTHING`,
)

const FIND = prepared(`SELECT ${COLUMNS} FROM run_results WHERE run_id = $1`)

/** The table `run_results`: what other processes answer to `wait` and `join`. */
@Injectable()
export class RunResultsRepository {
  insert(tx: Transaction, stored: StoredResult, expiresAt: Date): void {
    tx.send(INSERT, [
      stored.runId,
      stored.threadId,
      stored.temporary,
      toJsonb(stored.threadMetadata),
      stored.result,
      expiresAt,
    ])
  }

  async find(q: Queryable, runId: string): Promise<StoredResult | null> {
    const { rows } = await q.query<StoredResult>(FIND, [runId])
    return rows[0] ?? null
  }

  /** Removes up to `limit` that have expired; returns how many. */
  async removeExpired(q: Queryable, now: Date, limit: number): Promise<number> {
    const { affected } = await q.query(
      `DELETE FROM run_results WHERE run_id = ANY(ARRAY(
         SELECT run_id FROM run_results WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [now, limit],
    )
    return affected
  }
}
