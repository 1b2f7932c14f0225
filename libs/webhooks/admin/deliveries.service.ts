import { Injectable } from '@nestjs/common'
import { Database, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { Clock } from '#kernel'
import { deliveryHasEnded, deliveryIsBeingSent, deliveryNotFound } from './admin.errors.js'
import { DeliveriesRepository } from './deliveries.repository.js'
import type { DeliveryFilter } from './delivery-filter.js'
import { type DeliveryPosition, toCursor } from './delivery-position.js'
import { toWireDelivery, toWireFullDelivery, type WireDeliveryPage, type WireFullDelivery } from './delivery-wire.js'

/** Deliveries, as administrators read and cancel them. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly repository: DeliveriesRepository,
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly bus: EventBus,
    private readonly clock: Clock,
  ) {}

  /** A page, newest first; `position` is where the page before it ended. */
  async list(filter: DeliveryFilter, position: DeliveryPosition | null, limit: number): Promise<WireDeliveryPage> {
    const found = await this.repository.list(this.database, filter, position, limit + 1)
    const page = found.slice(0, limit)
    const last = found.length > limit ? page.at(-1) : undefined
    return { deliveries: page.map(toWireDelivery), next_cursor: last ? toCursor(last) : null }
  }

  /** One with its body and attempts. @throws AppError `delivery_not_found`. */
  async get(deliveryId: string): Promise<WireFullDelivery> {
    const delivery = await this.repository.find(this.database, deliveryId)
    if (!delivery) throw deliveryNotFound(deliveryId)
    return toWireFullDelivery(delivery, await this.repository.attemptsOf(this.database, deliveryId))
  }

  /**
   * Makes a pending delivery cancelled; one that is so already stays so.
   * @throws AppError `delivery_not_found`, `delivery_is_being_sent`, `delivery_has_ended`.
   */
  async cancel(deliveryId: string): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const delivery = await this.repository.lock(tx, deliveryId)
      if (!delivery) throw deliveryNotFound(deliveryId)
      const { status } = delivery
      if (status === 'delivering') throw deliveryIsBeingSent('cancelled')
      if (status === 'delivered' || status === 'dead') throw deliveryHasEnded(status)
      if (status === 'cancelled') return
      await this.repository.cancel(tx, deliveryId, this.clock.now())
      await this.bus.publish(tx, 'webhook.cancelled', { count: 1 })
    })
  }
}
