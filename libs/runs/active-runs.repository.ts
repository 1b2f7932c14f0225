import { Injectable } from '@nestjs/common'
import type { Queryable, Transaction } from '#database'
import type { ActiveStatus } from './dto/cancel-runs.dto.js'
import type { Run } from './run.js'
import { fromRunRow, type RunRow } from './run-row.js'

/** Where a page of active runs ended. */
export interface ActiveRun {
  readonly runId: string
  readonly threadId: string
  readonly createdAt: Date
}

const COLUMNS = 'run_id AS "runId", thread_id AS "threadId", created_at AS "createdAt"'

/** Pending and running runs, on all threads. */
@Injectable()
export class ActiveRunsRepository {
  /**
   * A page of the runs in this state that were there at a time, behind the last one of the page before; in the order
   * of the index that holds only runs of this state.
   */
  async page(
    q: Queryable,
    status: ActiveStatus,
    { before, after, limit }: { before: Date; after: ActiveRun | null; limit: number },
  ): Promise<ActiveRun[]> {
    const { rows } =
      status === 'pending'
        ? await q.query<ActiveRun>(
            `SELECT ${COLUMNS} FROM runs WHERE status = 'pending' AND updated_at <= $1
               AND ($2::timestamptz IS NULL OR (created_at, run_id) > ($2, $3::uuid))
             ORDER BY created_at, run_id LIMIT $4`,
            [before, after?.createdAt ?? null, after?.runId ?? null, limit],
          )
        : await q.query<ActiveRun>(
            `SELECT ${COLUMNS} FROM runs WHERE status = 'running' AND ($1::uuid IS NULL OR thread_id > $1)
             ORDER BY thread_id LIMIT $2`,
            [after?.threadId ?? null, limit],
          )
    return rows
  }

  /** Those of these runs of the thread that are pending or running, oldest first. The caller holds the thread's lock. */
  async among(tx: Transaction, threadId: string, runIds: readonly string[]): Promise<Run[]> {
    const { rows } = await tx.query<RunRow>(
      `SELECT * FROM runs WHERE thread_id = $1 AND run_id = ANY($2::uuid[]) AND status IN ('pending', 'running')
       ORDER BY created_at, run_id`,
      [threadId, runIds],
    )
    return rows.map(fromRunRow)
  }
}
