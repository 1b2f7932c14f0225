import { Injectable } from '@nestjs/common'
import type { Queryable, Transaction } from '#database'
import {
  CANCEL_HELD,
  COUNT_PENDING,
  LENGTHEN_HELD,
  LOCK_STATE,
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

/** Where a walk over the held deliveries has come to. */
export interface HeldCursor {
  readonly dueAt: string
  readonly deliveryId: string
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

  /** The same, and nobody else turns the switch before the transaction has ended. */
  async lockState(tx: Transaction): Promise<SwitchState> {
    return theRow(await tx.query<SwitchState>(LOCK_STATE))
  }

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

  async countPending(db: Queryable): Promise<number> {
    const { rows } = await db.query<{ pending: number }>(COUNT_PENDING)
    return rows[0]?.pending ?? 0
  }

  /** Adds the time since `offSince` to the last moments of one batch; null once there was none left. */
  async lengthenHeld(
    tx: Transaction,
    times: { readonly now: Date; readonly offSince: Date },
    after: HeldCursor | null,
    limit: number,
  ): Promise<HeldCursor | null> {
    const { dueAt, deliveryId } = after ?? BEGINNING
    const values = [times.now, times.offSince, dueAt, deliveryId, limit]
    return (await tx.query<HeldCursor>(LENGTHEN_HELD, values)).rows[0] ?? null
  }

  /** Cancels one batch of what was held by `now`; answers how many there were. */
  async cancelHeld(tx: Transaction, now: Date, limit: number): Promise<number> {
    return (await tx.query(CANCEL_HELD, [now, limit])).affected
  }
}

const BEGINNING: HeldCursor = { dueAt: '-infinity', deliveryId: '00000000-0000-0000-0000-000000000000' }

function theRow({ rows: [row] }: { readonly rows: readonly SwitchState[] }): SwitchState {
  if (!row) throw new Error('the row of webhook_settings is missing')
  return row
}
