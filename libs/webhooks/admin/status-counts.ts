import type { DeliveryStatus } from '../webhook-delivery.entity.js'

/** How many deliveries are in each state. */
export type StatusCounts = Readonly<Record<DeliveryStatus, number>>

/** Nothing counted yet. */
export const NO_DELIVERIES: StatusCounts = { pending: 0, delivering: 0, delivered: 0, dead: 0, cancelled: 0 }

/** With `count` more in one state. */
export function withCount(counts: StatusCounts, status: DeliveryStatus, count: number): StatusCounts {
  return { ...counts, [status]: counts[status] + count }
}

/** All of them. */
export function totalOf(counts: StatusCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** Delivered among those that have ended and were not cancelled, 0 to 1; null when there are none. */
export function successRateOf({ delivered, dead }: StatusCounts): number | null {
  return delivered + dead === 0 ? null : delivered / (delivered + dead)
}
