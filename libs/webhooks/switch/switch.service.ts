import { Injectable } from '@nestjs/common'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Settings } from '#config'
import { Database, type Transaction, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { Clock, invalidRequest, storableText } from '#kernel'
import { webhooksOffByFile } from '../webhooks.errors.js'
import { type HeldCursor, type LockedSwitch, type SwitchChange, SwitchRepository } from './switch.repository.js'
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

/** How far an order has come that discards what is held. */
interface Walk {
  /** What is written later was not held. */
  readonly begunAt: Date
  readonly after: HeldCursor | null
  /** Whether a step of it is stored. */
  readonly isBegun: boolean
}

/** Held deliveries that one transaction cancels: the embedded database does nothing else meanwhile. */
const BATCH = 500

/** What is held is counted up to here: an exact figure would cost more than it tells. */
const MOST_COUNTED = 10_000

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
    const held = await this.repository.countPending(this.database, MOST_COUNTED + 1)
    return {
      state: await this.repository.readState(this.database),
      isOffByFile: this.settings.webhooks.disabled,
      held: Math.min(held, MOST_COUNTED),
      holdsMore: held > MOST_COUNTED,
      history: await this.repository.readHistory(this.database, HISTORY),
    }
  }

  /**
   * Turns the switch and records it. An order for the state that there is changes nothing and is recorded only where it
   * says who or why. What is to be discarded is cancelled a batch at a time with the switch still off; where that is cut
   * short, by the end of the process, it stays off, and the next order begins with what is left.
   * @throws AppError `invalid_request`, `webhooks_off_by_file`.
   */
  async change(order: SwitchOrder): Promise<void> {
    if (order.disabled && order.discardHeld) throw invalidRequest('discard_held: goes with "disabled": false alone')
    if (this.settings.webhooks.disabled) throw webhooksOffByFile()
    let walk: Walk | null = { begunAt: this.clock.now(), after: null, isBegun: false }
    while (walk !== null) {
      walk = await this.#goOn(order, walk)
      await nextTurn()
    }
  }

  /** Null once it is done; else more is to be discarded before the switch can be turned. */
  #goOn(order: SwitchOrder, walk: Walk): Promise<Walk | null> {
    return this.unitOfWork.run((tx) => this.#step(tx, order, walk))
  }

  async #step(tx: Transaction, order: SwitchOrder, walk: Walk): Promise<Walk | null> {
    const before = await this.repository.lockState(tx)
    // Another order came in between: to stay off.
    if (walk.isBegun && before.disabled && before.discardedSoFar === null) return null
    if (before.disabled === order.disabled) await this.#confirm(tx, order, before)
    else if (order.discardHeld) return this.#discard(tx, order, before, walk)
    else await this.#turn(tx, this.#changeOf(order, before.discardedSoFar))
    return null
  }

  /** An order to stay off, while what is held is being discarded, ends that. */
  async #confirm(tx: Transaction, order: SwitchOrder, { discardedSoFar }: LockedSwitch): Promise<void> {
    const change = this.#changeOf(order, discardedSoFar)
    if (change.by === null && change.reason === null && discardedSoFar === null) return
    if (discardedSoFar !== null) await this.repository.noteDiscarded(tx, null)
    await this.#tell(tx, change)
  }

  /** What came back behind the walk, from attempts that were under way, is taken by one more from the beginning. */
  async #discard(tx: Transaction, order: SwitchOrder, before: LockedSwitch, walk: Walk): Promise<Walk | null> {
    const { count, next } = await this.repository.cancelHeld(tx, walk.begunAt, walk.after, BATCH)
    const discarded = (before.discardedSoFar ?? 0) + count
    if (count > 0) await this.bus.publish(tx, 'webhook.cancelled', { count })
    if (next === null && walk.after === null) return this.#turn(tx, this.#changeOf(order, discarded))
    await this.repository.noteDiscarded(tx, discarded)
    return { ...walk, after: next, isBegun: true }
  }

  async #turn(tx: Transaction, change: SwitchChange): Promise<null> {
    await this.repository.turn(tx, change)
    await this.#tell(tx, change)
    return null
  }

  async #tell(tx: Transaction, change: SwitchChange): Promise<void> {
    await this.repository.record(tx, change)
    await this.bus.publish(tx, 'webhook.settingsChanged', { disabled: change.disabled })
  }

  #changeOf({ disabled, by, reason, address }: SwitchOrder, discarded: number | null): SwitchChange {
    return { disabled, changedAt: this.clock.now(), by: storable(by), address, reason: storable(reason), discarded }
  }
}

function storable(text: string | null): string | null {
  return text === null ? null : storableText(text)
}
