import { Injectable } from '@nestjs/common'
import { type Visibility, visibleSql } from '#auth'
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

/** Which active runs are wanted. */
export interface ActivePage {
  /** Those that were there at this time. */
  readonly before: Date
  /** Behind the last one of the page before; null from the beginning. */
  readonly after: ActiveRun | null
  readonly limit: number
  /** On which threads. */
  readonly visibility: Visibility
}

const PENDING = (visible: string): string =>
  `SELECT ${COLUMNS} FROM runs WHERE status = 'pending' AND updated_at <= $3
     AND ($4::timestamptz IS NULL OR (created_at, run_id) > ($4, $1::uuid)) AND ${visible}
   ORDER BY created_at, run_id LIMIT $2`

const RUNNING = (visible: string): string =>
  `SELECT ${COLUMNS} FROM runs WHERE status = 'running' AND ($1::uuid IS NULL OR thread_id > $1) AND ${visible}
   ORDER BY thread_id LIMIT $2`

/** Pending and running runs, on all threads. */
@Injectable()
export class ActiveRunsRepository {
  /**
   * A page of the runs in this state that were there at a time, behind the last one of the page before; in the order
   * of the index that holds only runs of this state.
   */
  async page(q: Queryable, status: ActiveStatus, page: ActivePage): Promise<ActiveRun[]> {
    const { before, after, limit, visibility } = page
    const parameters: unknown[] =
      status === 'pending'
        ? [after?.runId ?? null, limit, before, after?.createdAt ?? null]
        : [after?.threadId ?? null, limit]
    const sql = status === 'pending' ? PENDING : RUNNING
    const visible =
      visibility === null
        ? 'TRUE'
        : `thread_id IN (SELECT thread_id FROM threads WHERE ${visibleSql(visibility, 'threads.metadata', parameters)})`
    const { rows } = await q.query<ActiveRun>(sql(visible), parameters)
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
