import { Injectable } from '@nestjs/common'
import type { Queryable, Transaction } from '#database'
import type { WebhookAttempt } from '../webhook-attempt.entity.js'
import type { DeliveryStatus, WebhookDelivery } from '../webhook-delivery.entity.js'
import {
  CANCEL_PENDING,
  conditionOf,
  FIND_ATTEMPTS,
  FIND_DELIVERY,
  KEYS_OF_HOST,
  listDeliveries,
  LOCK_DELIVERY,
  REQUEUE,
  requeueMatching,
} from './deliveries.sql.js'
import type { DeliveryFilter } from './delivery-filter.js'
import type { DeliveryPosition } from './delivery-position.js'

/** A delivery without its body, and where it stands in the order. */
export type ListedDelivery = Omit<WebhookDelivery, 'body' | 'cycleAttempts' | 'claimedBy' | 'leaseUntil'> &
  DeliveryPosition & {
    /** It has no body: removed by the retention, or it could not be built. */
    readonly bodyRemoved: boolean
  }

/** A delivery with its body. */
export type FullDelivery = ListedDelivery & Pick<WebhookDelivery, 'body'>

/** One HTTP try of a known delivery. */
export type ListedAttempt = Omit<WebhookAttempt, 'deliveryId'>

/** What decides whether a delivery may be redelivered or cancelled. */
export interface LockedDelivery {
  readonly status: DeliveryStatus
  readonly hasBody: boolean
}

/** A filter, and the keys that its host means; null where it names none. */
export interface MatchedHosts {
  readonly filter: DeliveryFilter
  readonly hostKeys: readonly string[] | null
}

/** When a delivery is queued again. */
export interface Requeued {
  readonly now: Date
  readonly giveUpAt: Date
}

/** What administrators ask of the outbox. */
@Injectable()
export class DeliveriesRepository {
  /** Newest first, older than `position` where there is one. */
  async list(
    db: Queryable,
    filter: DeliveryFilter,
    position: DeliveryPosition | null,
    limit: number,
  ): Promise<ListedDelivery[]> {
    const condition = conditionOf(filter, await this.hostKeys(db, filter), position, 'before')
    return (await db.query<ListedDelivery>(listDeliveries(condition), [...condition.values, limit])).rows
  }

  async find(db: Queryable, deliveryId: string): Promise<FullDelivery | null> {
    return (await db.query<FullDelivery>(FIND_DELIVERY, [deliveryId])).rows[0] ?? null
  }

  /** Oldest first. */
  async attemptsOf(db: Queryable, deliveryId: string): Promise<ListedAttempt[]> {
    return (await db.query<ListedAttempt>(FIND_ATTEMPTS, [deliveryId])).rows
  }

  /** Nobody else changes the delivery until `tx` ends; null when there is none. */
  async lock(tx: Transaction, deliveryId: string): Promise<LockedDelivery | null> {
    return (await tx.query<LockedDelivery>(LOCK_DELIVERY, [deliveryId])).rows[0] ?? null
  }

  /** Back to pending with its schedule afresh; the attempts of its whole life stay counted. */
  async requeue(tx: Transaction, deliveryId: string, { now, giveUpAt }: Requeued): Promise<void> {
    await tx.query(REQUEUE, [deliveryId, now, giveUpAt])
  }

  /**
   * The same with the next `limit` deliveries of a filter after `position`, oldest first, save those that are being
   * sent or have no body. Answers where each of them stands.
   */
  async requeueNext(
    tx: Transaction,
    { filter, hostKeys }: MatchedHosts,
    position: DeliveryPosition | null,
    { now, giveUpAt }: Requeued,
    limit: number,
  ): Promise<DeliveryPosition[]> {
    const condition = conditionOf(filter, hostKeys, position, 'after')
    const values = [...condition.values, now, giveUpAt, limit]
    return (await tx.query<DeliveryPosition>(requeueMatching(condition), values)).rows
  }

  /** Pending → cancelled. */
  async cancel(tx: Transaction, deliveryId: string, now: Date): Promise<void> {
    await tx.query(CANCEL_PENDING, [deliveryId, now])
  }

  /** The keys that the filter's host means; null where it names none. Steps over all hosts that there are. */
  async hostKeys(db: Queryable, { host }: DeliveryFilter): Promise<string[] | null> {
    if (host === null) return null
    if (host.includes('://')) return [host]
    const { rows } = await db.query<{ hostKey: string }>(KEYS_OF_HOST, [host])
    return rows.map(({ hostKey }) => hostKey)
  }
}
