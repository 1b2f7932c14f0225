import { Injectable } from '@nestjs/common'
import type { Queryable } from '#database'
import type { DeliveryStatus } from '../webhook-delivery.entity.js'
import type { DeliveryPosition } from './delivery-position.js'
import { COUNT_SLICE, DURATIONS, HOST_DETAILS, OLDEST_DUE } from './stats.sql.js'

/** Deliveries of one host in one state; the position is where the slice that they were counted in ended. */
export interface SliceCount extends DeliveryPosition {
  readonly hostKey: string
  readonly status: DeliveryStatus
  readonly count: number
}

/** How long attempts took, in ms; null when there were none. */
export interface Durations {
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}

/** What is told of one host besides its counts. */
export interface HostDetails extends Durations {
  readonly hostKey: string
  readonly oldestDueAt: Date | null
  /** Both null while its breaker is closed. */
  readonly openedAt: Date | null
  readonly probeAt: Date | null
}

/** Figures of the outbox. Every statement reads a bounded number of rows, by an index. */
@Injectable()
export class StatsRepository {
  /** Counts the next `limit` deliveries created since then; none at the end. */
  async countSlice(
    db: Queryable,
    since: Date,
    position: DeliveryPosition | null,
    limit: number,
  ): Promise<SliceCount[]> {
    const values = [since, position?.createdMicros ?? null, position?.deliveryId ?? null, limit]
    return (await db.query<SliceCount>(COUNT_SLICE, values)).rows
  }

  /** Over the attempts of the newest `sample` deliveries. */
  async durations(db: Queryable, since: Date, sample: number): Promise<Durations> {
    return (await db.query<Durations>(DURATIONS, [since, sample])).rows[0] ?? { p50Ms: null, p95Ms: null }
  }

  /** `sample` is how many of each host's newest deliveries the durations are taken from. */
  async hostDetails(
    db: Queryable,
    since: Date,
    sample: number,
    hosts: readonly string[],
    now: Date,
  ): Promise<HostDetails[]> {
    return (await db.query<HostDetails>(HOST_DETAILS, [since, sample, hosts, now])).rows
  }

  /** When the pending delivery that is due for longest fell due. */
  async oldestDue(db: Queryable, now: Date): Promise<Date | null> {
    return (await db.query<{ oldest: Date | null }>(OLDEST_DUE, [now])).rows[0]?.oldest ?? null
  }
}
