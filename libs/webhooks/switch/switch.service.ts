import { Injectable } from '@nestjs/common'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Settings } from '#config'
import { Database, type Transaction, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { Clock, invalidRequest, storableText } from '#kernel'
import { webhooksOffByFile } from '../webhooks.errors.js'
import { type HeldCursor, SwitchRepository } from './switch.repository.js'
import type { SwitchView } from './wire-settings.js'

/** What an administrator wants of the switch. */
export interface SwitchOrder {
  readonly disabled: boolean
  readonly by: string | null
  readonly reason: string | null
  /** Where from. */
  readonly address: string | null
  /** Cancel what was held instead of sending it. */
  readonly discardHeld: boolean
}

/** Held deliveries that one statement touches. */
const BATCH = 1_000

const HISTORY = 20

/** The run-time switch of webhooks (webhooks contract sections 4 and 6). */
@Injectable()
export class SwitchService {
  constructor(
    private readonly settings: Settings,
    private readonly unitOfWork: UnitOfWork,
    private readonly database: Database,
    private readonly repository: SwitchRepository,
    private readonly bus: EventBus,
    private readonly clock: Clock,
  ) {}

  async view(): Promise<SwitchView> {
    return {
      state: await this.repository.readState(this.database),
      isOffByFile: this.settings.webhooks.disabled,
      held: await this.repository.countPending(this.database),
      history: await this.repository.readHistory(this.database, HISTORY),
    }
  }

  /**
   * Turns the switch and records it. An order for the state that there is changes nothing and is recorded only where it
   * says who or why. @throws AppError `invalid_request`, `webhooks_off_by_file`.
   */
  async change(order: SwitchOrder): Promise<void> {
    if (order.disabled && order.discardHeld) throw invalidRequest('discard_held: goes with "disabled": false alone')
    if (this.settings.webhooks.disabled) throw webhooksOffByFile()
    await this.unitOfWork.run((tx) => this.#change(tx, order))
  }

  async #change(tx: Transaction, { disabled, discardHeld, address, ...order }: SwitchOrder): Promise<void> {
    const before = await this.repository.lockState(tx)
    const isTurn = before.disabled !== disabled
    const by = storable(order.by)
    const reason = storable(order.reason)
    if (!isTurn && by === null && reason === null) return
    const now = this.clock.now()
    const discarded = isTurn && discardHeld ? await this.#discard(tx, now) : null
    if (isTurn && !disabled && !discardHeld) await this.#lengthen(tx, { now, offSince: before.changedAt ?? now })
    const change = { disabled, changedAt: now, by, address, reason, discarded }
    if (isTurn) await this.repository.turn(tx, change)
    await this.repository.record(tx, change)
    await this.bus.publish(tx, 'webhook.settingsChanged', { disabled })
    if (discarded) await this.bus.publish(tx, 'webhook.cancelled', { count: discarded })
  }

  async #discard(tx: Transaction, now: Date): Promise<number> {
    let total = 0
    for (;;) {
      const cancelled = await this.repository.cancelHeld(tx, now, BATCH)
      total += cancelled
      if (cancelled < BATCH) return total
      await nextTurn()
    }
  }

  /** Held time does not count against a delivery's last moment. */
  async #lengthen(tx: Transaction, times: { readonly now: Date; readonly offSince: Date }): Promise<void> {
    let cursor: HeldCursor | null = null
    do {
      cursor = await this.repository.lengthenHeld(tx, times, cursor, BATCH)
      await nextTurn()
    } while (cursor !== null)
  }
}

function storable(text: string | null): string | null {
  return text === null ? null : storableText(text)
}
