import { Injectable } from '@nestjs/common'
import type { Queryable, Transaction } from '#database'
import {
  CANCEL_HELD,
  COUNT_PENDING,
  END_OFF_BY_FILE,
  LOCK_STATE,
  NOTE_DISCARDED,
  NOTE_OFF_BY_FILE,
  READ_HISTORY,
  READ_STATE,
  READ_SWITCH,
  RECORD_CHANGE,
  TURN,
} from './switch.sql.js'

/** Where the switch stands, and who turned it there; nobody yet where `changedAt` is null. */
export interface SwitchState {
  readonly disabled: boolean
  readonly changedAt: Date | null
  readonly by: string | null
  readonly address: string | null
  readonly reason: string | null
}

/** One turn of the switch, or the confirmation of where it stood. */
export interface SwitchChange extends SwitchState {
  readonly changedAt: Date
  /** How many held deliveries were cancelled; null where they were to be sent. */
  readonly discarded: number | null
}

/** What decides how the switch may be turned. */
export interface LockedSwitch {
  readonly disabled: boolean
  /** How many held deliveries were cancelled by an order that has not come to its end; null where there is none. */
  readonly discardedSoFar: number | null
}

/** Where a walk over the held deliveries has come to. */
export interface HeldCursor {
  readonly dueAt: string
  readonly deliveryId: string
}

/** How many held deliveries one statement has cancelled, and where the next goes on; null where none were left. */
export interface CancelledBatch {
  readonly count: number
  readonly next: HeldCursor | null
}

interface BatchCounts {
  readonly walked: number
  /** Fewer where others changed some meanwhile. */
  readonly count: number
}

/** The run-time switch: one row, and the history of its changes (webhooks contract section 6). */
@Injectable()
export class SwitchRepository {
  /** Whether webhooks are switched off. */
  async isOff(db: Queryable): Promise<boolean> {
    const { rows } = await db.query<{ disabled: boolean }>(READ_SWITCH)
    return rows[0]?.disabled ?? false
  }

  async readState(db: Queryable): Promise<SwitchState> {
    return theRow(await db.query<SwitchState>(READ_STATE))
  }

  /** Nobody else turns the switch before the transaction has ended. */
  async lockState(tx: Transaction): Promise<LockedSwitch> {
    return theRow(await tx.query<LockedSwitch>(LOCK_STATE))
  }

  /** Also ends the discarding of what is held, if there is one. */
  async turn(tx: Transaction, { disabled, changedAt, by, address, reason }: SwitchChange): Promise<void> {
    await tx.query(TURN, [disabled, changedAt, by, address, reason])
  }

  async record(tx: Transaction, change: SwitchChange): Promise<void> {
    const { disabled, changedAt, by, address, reason, discarded } = change
    await tx.query(RECORD_CHANGE, [disabled, changedAt, by, address, reason, discarded])
  }

  /** The latest changes, newest first. */
  async readHistory(db: Queryable, limit: number): Promise<SwitchChange[]> {
    return (await db.query<SwitchChange>(READ_HISTORY, [limit])).rows
  }

  /** Not further than to `most`. */
  async countPending(db: Queryable, most: number): Promise<number> {
    const { rows } = await db.query<{ pending: number }>(COUNT_PENDING, [most])
    return rows[0]?.pending ?? 0
  }

  /** How many were cancelled by the order under way; null when it has ended. */
  async noteDiscarded(tx: Transaction, count: number | null): Promise<void> {
    await tx.query(NOTE_DISCARDED, [count])
  }

  /** Whether webhooks are off by the file, as this start finds it; the time in which they were is held time. */
  async noteFile(db: Queryable, isOff: boolean, now: Date): Promise<void> {
    await db.query(isOff ? NOTE_OFF_BY_FILE : END_OFF_BY_FILE, [now])
  }

  /** Cancels one batch of what was held by `now`, from `after` on. */
  async cancelHeld(tx: Transaction, now: Date, after: HeldCursor | null, limit: number): Promise<CancelledBatch> {
    const { dueAt, deliveryId } = after ?? BEGINNING
    const { rows } = await tx.query<HeldCursor & BatchCounts>(CANCEL_HELD, [now, limit, dueAt, deliveryId])
    const [last] = rows
    return { count: last?.count ?? 0, next: last && last.walked === limit ? last : null }
  }
}

const BEGINNING: HeldCursor = { dueAt: '-infinity', deliveryId: '00000000-0000-0000-0000-000000000000' }

function theRow<Row>({ rows: [row] }: { readonly rows: readonly Row[] }): Row {
  if (!row) throw new Error('the row of webhook_settings is missing')
  return row
}
