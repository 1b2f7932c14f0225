import { Injectable } from '@nestjs/common'
import type { Queryable } from '#database'
import type { AttemptOutcome, ClaimedDelivery, StoredOutcome } from './claimed-delivery.js'
import type { WebhookDelivery } from './webhook-delivery.entity.js'
import {
  CLAIM_DUE,
  BACKLOG,
  EARLIEST_DUE,
  EXPIRE,
  HAND_BACK,
  INSERT_DELIVERY,
  RECOVER_LOST,
  RENEW_LEASES,
  STORE_OUTCOMES,
  TAKE_OVER,
} from './webhooks.sql.js'

/** A delivery as it is first stored. */
export type NewDelivery = Omit<
  WebhookDelivery,
  'attempts' | 'cycleAttempts' | 'claimedBy' | 'leaseUntil' | 'lastHttpStatus'
>

/** What may be claimed. */
export interface ClaimRequest {
  readonly now: Date
  readonly workerId: string
  readonly leaseUntil: Date
  readonly limit: number
  readonly perHost: number
  /** Requests of this process that are open, by host. */
  readonly open: ReadonlyMap<string, number>
}

/** One claim, as the fence knows it. */
export type Claim = Pick<ClaimedDelivery, 'deliveryId' | 'attempts'>

/** What waits, and what was given up. */
export interface Backlog {
  readonly queued: number
  readonly retrying: number
  readonly dead: number
  readonly oldestDue: Date | null
}

/** All SQL of the outbox. Every time is the injected clock's, so that one clock rules schedules, leases and tests. */
@Injectable()
export class WebhooksRepository {
  async insert(db: Queryable, delivery: NewDelivery): Promise<void> {
    const columns = [
      'deliveryId',
      'runId',
      'threadId',
      'assistantId',
      'url',
      'hostKey',
      'body',
      'runStatus',
      'threadStatus',
      'status',
      'nextAttemptAt',
      'giveUpAt',
      'lastErrorCode',
      'createdAt',
      'runEndedAt',
      'settledAt',
    ] as const
    await db.query(
      INSERT_DELIVERY,
      columns.map((column) => delivery[column]),
    )
  }

  /** Takes due deliveries under a lease, their attempts counted; hosts with the fewest open requests come first. */
  async claim(db: Queryable, request: ClaimRequest): Promise<ClaimedDelivery[]> {
    const { now, workerId, leaseUntil, limit, perHost, open } = request
    const counts = [[...open.keys()], [...open.values()]]
    const { rows } = await db.query<ClaimedDelivery>(CLAIM_DUE, [now, workerId, leaseUntil, limit, perHost, ...counts])
    return rows
  }

  /** Stores outcomes in one statement. What another process has taken over meanwhile is left out of the answer. */
  async storeOutcomes(db: Queryable, outcomes: readonly AttemptOutcome[], now: Date): Promise<StoredOutcome[]> {
    const column = <Key extends keyof AttemptOutcome>(key: Key) => outcomes.map((outcome) => outcome[key])
    const { rows } = await db.query<StoredOutcome>(STORE_OUTCOMES, [
      now,
      column('deliveryId'),
      column('claimedBy'),
      column('attempt'),
      column('status'),
      column('nextAttemptAt'),
      column('errorCode'),
      column('httpStatus'),
      column('startedAt'),
      column('durationMs'),
      column('responseBody'),
    ])
    return rows
  }

  /** Gives claims back to whoever comes next, their attempt not counted. */
  async handBack(db: Queryable, workerId: string, claims: readonly Claim[], now: Date): Promise<void> {
    await db.query(HAND_BACK, [workerId, now, ...fence(claims)])
  }

  /** Keeps claims that take long. */
  async renew(db: Queryable, workerId: string, claims: readonly Claim[], leaseUntil: Date): Promise<void> {
    await db.query(RENEW_LEASES, [workerId, leaseUntil, ...fence(claims)])
  }

  /** Makes claims whose lease has run out pending again, due now; answers how many. */
  async recoverLost(db: Queryable, now: Date): Promise<number> {
    return (await db.query(RECOVER_LOST, [now])).affected
  }

  /** Makes the claims of all other processes pending again, due now; answers how many. */
  async takeOver(db: Queryable, workerId: string, now: Date): Promise<number> {
    return (await db.query(TAKE_OVER, [now, workerId])).affected
  }

  /**
   * Ends what is due, was attempted, and is past its last moment (after a long stop) or has had `maxAttempts` (their
   * last outcome was lost with its process). Never what was not attempted yet.
   */
  async expire(db: Queryable, now: Date, maxAttempts: number): Promise<StoredOutcome[]> {
    return (await db.query<StoredOutcome>(EXPIRE, [now, maxAttempts])).rows
  }

  async backlog(db: Queryable, now: Date): Promise<Backlog> {
    const { rows } = await db.query<Backlog>(BACKLOG, [now])
    return rows[0] ?? { queued: 0, retrying: 0, dead: 0, oldestDue: null }
  }

  /** When the next pending delivery comes due after `now`; null when there is none. */
  async earliestDue(db: Queryable, now: Date): Promise<Date | null> {
    const { rows } = await db.query<{ due: Date | null }>(EARLIEST_DUE, [now])
    return rows[0]?.due ?? null
  }
}

function fence(claims: readonly Claim[]): [string[], number[]] {
  return [claims.map(({ deliveryId }) => deliveryId), claims.map(({ attempts }) => attempts)]
}
