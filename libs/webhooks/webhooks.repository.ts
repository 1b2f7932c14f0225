import { Injectable } from '@nestjs/common'
import type { Queryable, Transaction } from '#database'
import type { AttemptOutcome, ClaimedDelivery, StoredOutcome, StoredResult } from './claimed-delivery.js'
import type { WebhookDelivery } from './webhook-delivery.entity.js'
import {
  CLAIM_DUE,
  BACKLOG,
  EARLIEST_DUE,
  EXPIRE,
  HAND_BACK,
  INSERT_DELIVERY,
  READ_BODY,
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
  /** How many of a host that is not known. */
  readonly perHost: number
  /** Hosts that this process holds deliveries of, and how many more it can take. */
  readonly known: readonly { readonly host: string; readonly held: number; readonly room: number }[]
  /** Hosts up to this one were looked at by the last claim; empty begins anew. */
  readonly after: string
}

/** What was claimed. */
export interface Claimed {
  readonly claimed: ClaimedDelivery[]
  /** The last host that was looked at; empty when there was none behind it. */
  readonly walkedTo: string
}

/** One claim, as the fence knows it. */
export type Claim = Pick<ClaimedDelivery, 'deliveryId' | 'attempts'>

/** What a process knows to hold: all else that stands in its name it has lost. */
export interface HeldClaims {
  readonly workerId: string
  readonly held: readonly Claim[]
}

/** What waits, and what was given up. */
export interface Backlog {
  readonly queued: number
  readonly retrying: number
  readonly delivering: number
  readonly dead: number
  readonly openBreakers: number
  readonly oldestDue: Date | null
}

/** How many waiting hosts one claim looks at. */
const MAX_WALK = 500

/** Bodies up to this size, in bytes, come with the claim. */
const MAX_BODY_IN_CLAIM = 65_536

interface Walk {
  readonly walkedTo: string
  readonly walked: number
}

/** One row at least: the walk's end stands in each. */
type ClaimRow = Walk & (ClaimedDelivery | { readonly deliveryId: null })

/** All SQL of the outbox. Every time is the injected clock's, so that one clock rules schedules, leases and tests. */
@Injectable()
export class WebhooksRepository {
  /** Stores a delivery in the transaction that ends its run. */
  insert(tx: Transaction, delivery: NewDelivery): void {
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
    tx.send(
      INSERT_DELIVERY,
      columns.map((column) => delivery[column]),
    )
  }

  /** Takes due deliveries under a lease, their attempts counted; hosts of which the fewest are held come first. */
  async claim(db: Queryable, request: ClaimRequest): Promise<Claimed> {
    const { now, workerId, leaseUntil, limit, perHost, known, after } = request
    const columns = [known.map(({ host }) => host), known.map(({ held }) => held), known.map(({ room }) => room)]
    const values = [now, workerId, leaseUntil, limit, perHost, ...columns, after, MAX_WALK, MAX_BODY_IN_CLAIM]
    const { rows } = await db.query<ClaimRow>(CLAIM_DUE, values)
    const claimed = rows.filter((row): row is ClaimedDelivery & Walk => row.deliveryId !== null)
    const [walk] = rows
    return { claimed, walkedTo: walk && walk.walked >= MAX_WALK ? walk.walkedTo : '' }
  }

  /** The body of one delivery; null when it was removed. */
  async readBody(db: Queryable, deliveryId: string): Promise<Buffer | null> {
    const { rows } = await db.query<{ body: Buffer | null }>(READ_BODY, [deliveryId])
    return rows[0]?.body ?? null
  }

  /** Stores outcomes in one statement. What another process has taken over meanwhile is left out of the answer. */
  async storeOutcomes(db: Queryable, outcomes: readonly AttemptOutcome[], now: Date): Promise<StoredResult[]> {
    const column = <Key extends keyof AttemptOutcome>(key: Key) => outcomes.map((outcome) => outcome[key])
    const { rows } = await db.query<StoredResult>(STORE_OUTCOMES, [
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
      column('reason'),
    ])
    return rows
  }

  /** Gives claims back to whoever comes next, their attempt not counted. */
  async handBack(db: Queryable, workerId: string, claims: readonly Claim[]): Promise<void> {
    await db.query(HAND_BACK, [workerId, ...fence(claims)])
  }

  /** Keeps claims that take long. */
  async renew(db: Queryable, workerId: string, claims: readonly Claim[], leaseUntil: Date): Promise<void> {
    await db.query(RENEW_LEASES, [workerId, ...fence(claims), leaseUntil])
  }

  /** Makes claims whose lease has run out pending again, due now; those that had `maxAttempts` end. Answers all. */
  async recoverLost(db: Queryable, now: Date, maxAttempts: number, mine: HeldClaims): Promise<StoredOutcome[]> {
    const held = mine.held.map(({ deliveryId }) => deliveryId)
    return (await db.query<StoredOutcome>(RECOVER_LOST, [now, maxAttempts, mine.workerId, held])).rows
  }

  /** The same with the claims of all other processes. */
  async takeOver(db: Queryable, workerId: string, now: Date, maxAttempts: number): Promise<StoredOutcome[]> {
    return (await db.query<StoredOutcome>(TAKE_OVER, [now, maxAttempts, workerId])).rows
  }

  /**
   * Ends what is past its last moment and was attempted, or waits behind an open breaker; at most a thousand at once.
   * Never what merely waited for this server.
   */
  async expire(db: Queryable, now: Date): Promise<StoredOutcome[]> {
    return (await db.query<StoredOutcome>(EXPIRE, [now])).rows
  }

  async backlog(db: Queryable, now: Date): Promise<Backlog> {
    const { rows } = await db.query<Backlog>(BACKLOG, [now])
    return rows[0] ?? { queued: 0, retrying: 0, delivering: 0, dead: 0, openBreakers: 0, oldestDue: null }
  }

  /** When the next pending delivery, or the next probe of a host, comes due after `now`; null when there is none. */
  async earliestDue(db: Queryable, now: Date): Promise<Date | null> {
    const { rows } = await db.query<{ due: Date | null }>(EARLIEST_DUE, [now])
    return rows[0]?.due ?? null
  }
}

function fence(claims: readonly Claim[]): [string[], number[]] {
  return [claims.map(({ deliveryId }) => deliveryId), claims.map(({ attempts }) => attempts)]
}
