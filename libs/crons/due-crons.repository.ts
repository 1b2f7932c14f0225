import { Injectable } from '@nestjs/common'
import type { Queryable, Transaction } from '#database'
import { storableText } from '#kernel'
import type { Cron } from './cron.entity.js'
import { CRON_COLUMNS } from './crons.repository.js'

/** One date of one cron. */
export interface Occurrence {
  readonly cronId: string
  readonly dueAt: Date
}

/** An occurrence that is to be fired, and what must be locked before its cron is. */
export interface DueCron extends Occurrence {
  readonly assistantId: string
  readonly threadId: string | null
}

/** What a look at the due crons leaves out, and how much it takes. */
export interface DueQuery {
  readonly now: Date
  /** Occurrences that are passed over; a later one of the same cron is not. */
  readonly except: readonly Occurrence[]
  readonly limit: number
}

/** $1 and $2 the occurrences that are passed over. */
const WAITS = `enabled AND next_run_date IS NOT NULL
  AND (cron_id, next_run_date) NOT IN (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]))`

/** The crons that a scheduler looks for. */
@Injectable()
export class DueCronsRepository {
  /** Crons whose next occurrence has come, the one that has waited for longest first. Nothing is locked. */
  async due(q: Queryable, { now, except, limit }: DueQuery): Promise<DueCron[]> {
    const { rows } = await q.query<DueCron>(
      `SELECT cron_id AS "cronId", assistant_id AS "assistantId", thread_id AS "threadId", next_run_date AS "dueAt"
       FROM crons WHERE ${WAITS} AND next_run_date <= $3 ORDER BY next_run_date, cron_id LIMIT $4`,
      [...columnsOf(except), now, limit],
    )
    return rows
  }

  /** When the next occurrence of all is; null when none is to come. */
  async earliest(q: Queryable, except: readonly Occurrence[]): Promise<Date | null> {
    const { rows } = await q.query<{ earliest: Date }>(
      `SELECT next_run_date AS earliest FROM crons WHERE ${WAITS} ORDER BY next_run_date LIMIT 1`,
      columnsOf(except),
    )
    return rows[0]?.earliest ?? null
  }

  /**
   * Locks the cron until `tx` ends, if this very occurrence still waits. Null when somebody else has it in hand or has
   * fired it, and when it was changed meanwhile.
   */
  async claim(tx: Transaction, { cronId, dueAt }: DueCron): Promise<Cron | null> {
    const { rows } = await tx.query<Cron>(
      `SELECT ${CRON_COLUMNS} FROM crons WHERE cron_id = $1 AND enabled AND next_run_date = $2 FOR UPDATE SKIP LOCKED`,
      [cronId, dueAt],
    )
    return rows[0] ?? null
  }

  /** The occurrence is dealt with; the caller holds the claim. */
  async moveOn(tx: Transaction, cronId: string, nextRunDate: Date | null): Promise<void> {
    await tx.query('UPDATE crons SET next_run_date = $2 WHERE cron_id = $1', [cronId, nextRunDate])
  }

  /** No run of it can be made any more; the caller holds the claim. */
  async disable(tx: Transaction, cronId: string, disabled: { reason: string; now: Date }): Promise<void> {
    await tx.query('UPDATE crons SET enabled = false, disabled_reason = $2, updated_at = $3 WHERE cron_id = $1', [
      cronId,
      storableText(disabled.reason),
      disabled.now,
    ])
  }
}

function columnsOf(occurrences: readonly Occurrence[]): [string[], Date[]] {
  return [occurrences.map(({ cronId }) => cronId), occurrences.map(({ dueAt }) => dueAt)]
}
