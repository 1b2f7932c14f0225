import { Injectable } from '@nestjs/common'
import { prepared, type Queryable, type Transaction } from '#database'
import { type JsonObject, storableText, toJsonb } from '#kernel'
import type { Run, RunStatus, StopWish } from './run.js'
import { fromRunRow, RUN_COLUMNS, type RunRow } from './run-row.js'

/** Which runs of a thread to list. */
export interface RunListQuery {
  readonly threadId: string
  readonly status: RunStatus | null
  /** Contained in the run's metadata; null is any. */
  readonly metadata: JsonObject | null
  readonly limit: number
  readonly offset: number
}

const INSERT = prepared(
  `INSERT INTO runs (run_id, thread_id, assistant_id, status, metadata, kwargs, injected, multitask_strategy,
                     webhook, temporary, created_at, updated_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
)

const FIND = prepared(`SELECT ${RUN_COLUMNS} FROM runs WHERE run_id = $1 AND thread_id = $2`)

const IN_FLIGHT = prepared(
  `SELECT ${RUN_COLUMNS} FROM runs WHERE thread_id = $1 AND status IN ('pending', 'running') ORDER BY created_at, run_id`,
)

const HAS_IN_FLIGHT = prepared(`SELECT 1 FROM runs WHERE thread_id = $1 AND status IN ('pending', 'running') LIMIT 1`)

const DELETE = prepared('DELETE FROM runs WHERE run_id = $1')

/** Runs as clients ask for them. Claims and leases stand in `RunQueueRepository`. */
@Injectable()
export class RunsRepository {
  /** Stores a new pending run. */
  insert(tx: Transaction, run: Run): void {
    tx.send(INSERT, [
      run.runId,
      run.threadId,
      run.assistantId,
      run.status,
      toJsonb(run.metadata),
      toJsonb(run.kwargs),
      toJsonb(run.injected),
      run.multitaskStrategy,
      run.webhook === null ? null : storableText(run.webhook),
      run.temporary,
      run.createdAt,
      run.updatedAt,
    ])
  }

  /** The run if it stands on this thread. */
  async find(q: Queryable, threadId: string, runId: string): Promise<Run | null> {
    const { rows } = await q.query<RunRow>(FIND, [runId, threadId])
    return rows[0] ? fromRunRow(rows[0]) : null
  }

  /** The run on whatever thread it stands. */
  async findById(q: Queryable, runId: string): Promise<Run | null> {
    const { rows } = await q.query<RunRow>('SELECT * FROM runs WHERE run_id = $1', [runId])
    return rows[0] ? fromRunRow(rows[0]) : null
  }

  /** Runs of a thread, newest first (contract 5.9). */
  async list(q: Queryable, { threadId, status, metadata, limit, offset }: RunListQuery): Promise<Run[]> {
    const { rows } = await q.query<RunRow>(
      `SELECT * FROM runs
       WHERE thread_id = $1 AND ($2::text IS NULL OR status = $2) AND ($5::jsonb IS NULL OR metadata @> $5)
       ORDER BY created_at DESC, run_id DESC LIMIT $3 OFFSET $4`,
      [threadId, status, limit, offset, metadata === null ? null : toJsonb(metadata)],
    )
    return rows.map(fromRunRow)
  }

  /** Pending (also delayed) and running runs of a thread, oldest first. The caller holds the thread's lock. */
  async inFlight(tx: Transaction, threadId: string): Promise<Run[]> {
    const { rows } = await tx.query<RunRow>(IN_FLIGHT, [threadId])
    return rows.map(fromRunRow)
  }

  /** How many they are, counted up to `limit`. The caller holds the thread's lock. */
  async countInFlight(tx: Transaction, threadId: string, limit: number): Promise<number> {
    const { rows } = await tx.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM
         (SELECT FROM runs WHERE thread_id = $1 AND status IN ('pending', 'running') LIMIT $2) AS counted`,
      [threadId, limit],
    )
    return rows[0]?.count ?? 0
  }

  /** The run of the thread that ended last; null when none has. */
  async lastEnded(q: Queryable, threadId: string): Promise<string | null> {
    const { rows } = await q.query<{ run_id: string }>(
      `SELECT run_id FROM runs WHERE thread_id = $1 AND ended_at IS NOT NULL ORDER BY ended_at DESC, run_id DESC LIMIT 1`,
      [threadId],
    )
    return rows[0]?.run_id ?? null
  }

  /** Whether any run of the thread is pending (also delayed) or running. */
  async hasInFlight(tx: Transaction, threadId: string): Promise<boolean> {
    const { rows } = await tx.query(HAS_IN_FLIGHT, [threadId])
    return rows.length > 0
  }

  /** Which of these runs are pending or running. */
  async underWay(q: Queryable, runIds: readonly string[]): Promise<string[]> {
    const { rows } = await q.query<{ run_id: string }>(
      `SELECT run_id FROM runs WHERE run_id = ANY($1::uuid[]) AND status IN ('pending', 'running')`,
      [runIds],
    )
    return rows.map((row) => row.run_id)
  }

  /** What those among these runs have failed by, as JSON text; nothing of the others. */
  async errors(q: Queryable, runIds: readonly string[]): Promise<Map<string, string>> {
    const { rows } = await q.query<{ run_id: string; error: unknown }>(
      `SELECT run_id, error FROM runs WHERE run_id = ANY($1::uuid[]) AND error IS NOT NULL`,
      [runIds],
    )
    return new Map(rows.map((row) => [row.run_id, JSON.stringify(row.error)]))
  }

  /** Stores the wish to stop a running run; one that undoes what it wrote is not taken back. */
  wishStop(tx: Transaction, runId: string, wish: StopWish): void {
    tx.send(
      `UPDATE runs SET cancel_action = CASE WHEN cancel_action IN ('rollback', 'delete') THEN cancel_action ELSE $2 END
       WHERE run_id = $1 AND claimed_by IS NOT NULL`,
      [runId, wish],
    )
  }

  delete(tx: Transaction, runId: string): void {
    tx.send(DELETE, [runId])
  }
}
