import { Injectable } from '@nestjs/common'
import { prepared, type Queryable, type Transaction } from '#database'
import { toJsonb } from '#kernel'
import type { LockedRun, Run, RunStatus, StopWish } from './run.js'
import { fromRunRow, RUN_COLUMNS, type RunRow } from './run-row.js'

/** The fence of a worker's writes: they count only while the row is still its own (design section 6). */
export interface Claim {
  readonly runId: string
  readonly workerId: string
  readonly attempt: number
}

/** How a run's row ends. */
export interface RunEnd {
  readonly status: Exclude<RunStatus, 'pending' | 'running'>
  readonly error: { error: string; message: string } | null
  readonly now: Date
}

/** Which abandoned runs. */
export interface AbandonedQuery {
  readonly now: Date
  readonly all: boolean
  readonly limit: number
  /** The last one seen; null from the beginning. */
  readonly afterId: string | null
}

/** A run this worker holds, as its last renewal saw it. */
export interface HeldRun {
  readonly runId: string
  readonly cancelAction: StopWish | null
}

/**
 * `OFFSET 0` has the thread looked at for one run after the other, until there are enough: made a join, it may go over the
 * whole queue first, or for each run of it. Rows that are locked stay what they were: their state is not asked for again.
 */
const CLAIM_DUE = prepared(
  `WITH due AS (
     SELECT run_id FROM runs r
     WHERE status = 'pending' AND created_at <= $1
       AND NOT EXISTS (SELECT 1 FROM runs o WHERE o.thread_id = r.thread_id AND o.status IN ('pending', 'running')
                         AND (o.status = 'running' OR (o.created_at, o.run_id) < (r.created_at, r.run_id)) OFFSET 0)
     ORDER BY created_at, run_id LIMIT $2 FOR UPDATE SKIP LOCKED
   )
   UPDATE runs SET status = 'running', attempt = attempt + 1, claimed_by = $3, lease_until = $4,
          started_at = coalesce(started_at, $1), updated_at = $1
   FROM due WHERE runs.run_id = due.run_id RETURNING ${RUN_COLUMNS}`,
)

const NEXT_DUE = prepared(`SELECT min(created_at) AS next FROM runs WHERE status = 'pending' AND created_at > $1`)

const LOCKED_COLUMNS = `${RUN_COLUMNS}, EXISTS (
    SELECT 1 FROM runs o WHERE o.thread_id = runs.thread_id AND o.run_id <> runs.run_id
      AND o.status IN ('pending', 'running')) AS has_others`

// Who has claimed a run says that it is running: `status` beside it has the planner go over all that are (decision 0026).
const LOCK_CLAIMED = prepared(
  `SELECT ${LOCKED_COLUMNS} FROM runs
   WHERE run_id = $1 AND claimed_by = $2 AND attempt = $3 FOR UPDATE`,
)

const END = prepared(
  `UPDATE runs SET status = $2, error = $3, ended_at = $4, updated_at = $4, claimed_by = NULL, lease_until = NULL
   WHERE run_id = $1`,
)

type LockedRow = RunRow & { readonly has_others: boolean }

function fromLockedRow(row: LockedRow | undefined): LockedRun | null {
  return row ? { ...fromRunRow(row), hasOthers: row.has_others } : null
}

/** The table `runs` as a queue: claims, leases, ends. Times come from the caller's clock. */
@Injectable()
export class RunQueueRepository {
  /**
   * Claims up to `limit` due runs in the order of their creation: never a second one of a thread, never one before an
   * earlier due one of its thread. A delayed run does not hold up those that are due (contract 5.4).
   */
  async claimDue(
    q: Queryable,
    workerId: string,
    limit: number,
    times: { now: Date; leaseUntil: Date },
  ): Promise<Run[]> {
    const { rows } = await q.query<RunRow>(CLAIM_DUE, [times.now, limit, workerId, times.leaseUntil])
    return rows.map(fromRunRow).sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
  }

  /** Runs that wait, delayed ones too, counted up to `limit`; a partial index holds no others. */
  async countPending(q: Queryable, limit: number): Promise<number> {
    const { rows } = await q.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM (SELECT FROM runs WHERE status = 'pending' LIMIT $1) AS counted`,
      [limit],
    )
    return rows[0]?.count ?? 0
  }

  /** When the next delayed run falls due; null when none is waiting. */
  async nextDue(q: Queryable, now: Date): Promise<Date | null> {
    const { rows } = await q.query<{ next: Date | null }>(NEXT_DUE, [now])
    return rows[0]?.next ?? null
  }

  /**
   * Extends this worker's leases of the runs that it is executing; what it does not get back is no longer its own. A run
   * that it has given up is not among them: its lease runs out.
   */
  async renew(q: Queryable, workerId: string, runIds: readonly string[], leaseUntil: Date): Promise<HeldRun[]> {
    const { rows } = await q.query<{ run_id: string; cancel_action: StopWish | null }>(
      `UPDATE runs SET lease_until = $2 WHERE claimed_by = $1 AND run_id = ANY($3::uuid[])
       RETURNING run_id, cancel_action`,
      [workerId, leaseUntil, runIds],
    )
    return rows.map((row) => ({ runId: row.run_id, cancelAction: row.cancel_action }))
  }

  /** Running runs whose lease has passed, or, with `all`, every one that is not this worker's own; by id, after one. */
  async abandoned(q: Queryable, workerId: string, options: AbandonedQuery): Promise<Run[]> {
    const { rows } = await q.query<RunRow>(
      `SELECT * FROM runs
       WHERE status = 'running' AND (lease_until < $2 OR ($3 AND claimed_by <> $1)) AND ($5::uuid IS NULL OR run_id > $5)
       ORDER BY run_id LIMIT $4`,
      [workerId, options.now, options.all, options.limit, options.afterId],
    )
    return rows.map(fromRunRow)
  }

  /** Gives a run back to the queue; `handBack` when the attempt shall not count. */
  async release(q: Queryable, claim: Claim, options: { now: Date; handBack: boolean }): Promise<boolean> {
    const { affected } = await q.query(
      `UPDATE runs SET status = 'pending', claimed_by = NULL, lease_until = NULL, updated_at = $4,
              handed_back = handed_back + CASE WHEN $5 THEN 1 ELSE 0 END
       WHERE run_id = $1 AND claimed_by = $2 AND attempt = $3 AND cancel_action IS NULL`,
      [claim.runId, claim.workerId, claim.attempt, options.now, options.handBack],
    )
    return affected > 0
  }

  /** Locks the run if it is still the claimer's; the caller holds the thread's lock. */
  async lockClaimed(tx: Transaction, claim: Claim): Promise<LockedRun | null> {
    const { rows } = await tx.query<LockedRow>(LOCK_CLAIMED, [claim.runId, claim.workerId, claim.attempt])
    return fromLockedRow(rows[0])
  }

  /** Locks the run if nobody has claimed it; the caller holds the thread's lock. */
  async lockPending(tx: Transaction, runId: string): Promise<LockedRun | null> {
    const { rows } = await tx.query<LockedRow>(
      `SELECT ${LOCKED_COLUMNS} FROM runs WHERE run_id = $1 AND status = 'pending' FOR UPDATE`,
      [runId],
    )
    return fromLockedRow(rows[0])
  }

  /** Writes the end of a run that the caller has locked. */
  end(tx: Transaction, runId: string, end: RunEnd): void {
    tx.send(END, [runId, end.status, end.error && toJsonb(end.error), end.now])
  }
}
