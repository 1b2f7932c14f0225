import type { WebhookAttempt } from './webhook-attempt.entity.js'
import type { WebhookDelivery } from './webhook-delivery.entity.js'

/** A delivery under this process's lease, for one attempt. `attempts` counts it already. */
export type ClaimedDelivery = Pick<
  WebhookDelivery,
  'deliveryId' | 'runId' | 'url' | 'hostKey' | 'threadStatus' | 'attempts' | 'cycleAttempts' | 'giveUpAt'
> & {
  /** Null when it is large: then it is read when its turn comes. */
  readonly body: Buffer | null
  /** The wait before this probe, in ms, where the host's breaker is open; null for an ordinary attempt. */
  readonly probeDelayMs: number | null
}

/** What an attempt sends. */
export type Sendable = Pick<ClaimedDelivery, 'deliveryId' | 'url' | 'threadStatus' | 'attempts'> & {
  readonly body: Buffer
}

/** What is stored of an attempt, and what the delivery becomes by it. */
export type AttemptOutcome = Pick<WebhookAttempt, keyof WebhookAttempt> &
  Pick<WebhookDelivery, 'nextAttemptAt'> & {
    readonly claimedBy: string
    readonly status: 'pending' | 'delivered' | 'dead'
  }

/** A delivery whose attempt's outcome was stored. */
export type StoredResult = StoredOutcome & {
  /** From the run's end to now. */
  readonly latencyMs: number
}

/** A delivery whose outcome was stored. */
export type StoredOutcome = Pick<WebhookDelivery, 'deliveryId' | 'runId' | 'status' | 'hostKey' | 'attempts'> &
  Pick<WebhookAttempt, 'errorCode' | 'httpStatus'>
