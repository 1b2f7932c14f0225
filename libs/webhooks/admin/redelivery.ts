import { Injectable } from '@nestjs/common'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Settings } from '#config'
import { type Transaction, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { Clock } from '#kernel'
import { giveUpTime } from '../retry-policy.js'
import { SwitchRepository } from '../switch/switch.repository.js'
import { deliveryBodyRemoved, deliveryIsBeingSent, deliveryNotFound, webhooksAreOff } from './admin.errors.js'
import { DeliveriesRepository, type MatchedHosts, type Requeued } from './deliveries.repository.js'
import { type DeliveryFilter, requireNarrow } from './delivery-filter.js'
import type { DeliveryPosition } from './delivery-position.js'

/** How many deliveries one transaction queues again: the embedded database does nothing else meanwhile. */
const BATCH = 500

/** Queues deliveries again: same id and body, their schedule afresh (webhooks contract section 6). */
@Injectable()
export class Redelivery {
  constructor(
    private readonly repository: DeliveriesRepository,
    private readonly switches: SwitchRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly bus: EventBus,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /** @throws AppError `delivery_not_found`, `delivery_is_being_sent`, `delivery_body_removed`, `webhooks_are_off`. */
  async redeliver(deliveryId: string): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const delivery = await this.repository.lock(tx, deliveryId)
      if (!delivery) throw deliveryNotFound(deliveryId)
      await this.#requireOn(tx)
      if (delivery.status === 'delivering') throw deliveryIsBeingSent('redelivered')
      if (!delivery.hasBody) throw deliveryBodyRemoved()
      await this.repository.requeue(tx, deliveryId, this.#requeued())
      await this.bus.publish(tx, 'webhook.queued', { deliveryId })
    })
  }

  /**
   * The same with all of a filter that were there when the call began, oldest first, save those that are being sent or
   * have no body; answers how many. A batch at a time: what was queued stays so when a later batch fails.
   * @throws AppError `invalid_request` for a filter that leaves nothing out; `webhooks_are_off`.
   */
  async redeliverMatching(filter: DeliveryFilter): Promise<number> {
    requireNarrow(filter)
    const begun = new Date(this.clock.now().getTime() + 1)
    const bounded = { ...filter, createdBefore: earlier(filter.createdBefore, begun) }
    const hostKeys = await this.unitOfWork.run((tx) => this.repository.hostKeys(tx, bounded))
    let position: DeliveryPosition | null = null
    let count = 0
    for (;;) {
      const batch: DeliveryPosition[] = await this.#requeueNext({ filter: bounded, hostKeys }, position)
      count += batch.length
      position = batch.at(-1) ?? null
      if (batch.length < BATCH) return count
      await nextTurn()
    }
  }

  #requeueNext(matched: MatchedHosts, position: DeliveryPosition | null): Promise<DeliveryPosition[]> {
    return this.unitOfWork.run(async (tx) => {
      await this.#requireOn(tx)
      const batch = await this.repository.requeueNext(tx, matched, position, this.#requeued(), BATCH)
      for (const { deliveryId } of batch) await this.bus.publish(tx, 'webhook.queued', { deliveryId })
      return batch
    })
  }

  #requeued(): Requeued {
    const now = this.clock.now()
    return { now, giveUpAt: giveUpTime(now, this.settings.webhooks.retryScheduleMs) }
  }

  async #requireOn(tx: Transaction): Promise<void> {
    if (this.settings.webhooks.disabled) throw webhooksAreOff('file')
    if (await this.switches.isOff(tx)) throw webhooksAreOff('switch')
  }
}

function earlier(one: Date | null, other: Date): Date {
  return one !== null && one < other ? one : other
}
