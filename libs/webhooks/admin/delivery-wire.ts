import type { DeliveryStatus } from '../webhook-delivery.entity.js'
import type { FullDelivery, ListedAttempt, ListedDelivery } from './deliveries.repository.js'

/** A delivery, as administrators see it. Times are ISO 8601. */
export interface WireDelivery {
  readonly delivery_id: string
  readonly run_id: string
  readonly thread_id: string
  readonly assistant_id: string
  readonly url: string
  /** Scheme, host and port; `path` for this server's own routes, `path:/inspector/BIN` for a bin of the inspector. */
  readonly host: string
  readonly status: DeliveryStatus
  readonly run_status: string
  readonly thread_status: string
  /** Over the delivery's whole life. */
  readonly attempt_count: number
  /** Null unless it is pending. */
  readonly next_attempt_at: string | null
  /** No attempt begins after this. */
  readonly give_up_at: string
  readonly last_error_code: string | null
  readonly last_http_status: number | null
  readonly created_at: string
  readonly run_ended_at: string
  /** When it became delivered, dead or cancelled. */
  readonly settled_at: string | null
  /** Its body was removed, or could not be built: it cannot be redelivered. */
  readonly body_removed: boolean
}

/** One HTTP try. */
export interface WireAttempt {
  /** 1, 2, … over the delivery's whole life: what `x-signalbox-attempt` said. */
  readonly attempt: number
  readonly started_at: string
  readonly duration_ms: number
  /** Null when there was no answer. */
  readonly http_status: number | null
  /** Null when it succeeded. */
  readonly error_code: string | null
  /** Why the target was refused; null when it was not. */
  readonly reason: string | null
  /** The first 4 KiB of the answer. */
  readonly response_body: string | null
}

/** A delivery with all that is known of it. */
export interface WireFullDelivery extends WireDelivery {
  /** The JSON text that every attempt sends; null when it was removed or never built. */
  readonly body: string | null
  readonly attempts: readonly WireAttempt[]
}

/** A page of deliveries. */
export interface WireDeliveryPage {
  readonly deliveries: readonly WireDelivery[]
  /** The `cursor` of the next page; null on the last one. */
  readonly next_cursor: string | null
}

/** The wire form of a delivery. */
export function toWireDelivery(delivery: ListedDelivery): WireDelivery {
  return {
    delivery_id: delivery.deliveryId,
    run_id: delivery.runId,
    thread_id: delivery.threadId,
    assistant_id: delivery.assistantId,
    url: delivery.url,
    host: delivery.hostKey,
    status: delivery.status,
    run_status: delivery.runStatus,
    thread_status: delivery.threadStatus,
    attempt_count: delivery.attempts,
    next_attempt_at: delivery.status === 'pending' ? isoOrNull(delivery.nextAttemptAt) : null,
    give_up_at: delivery.giveUpAt.toISOString(),
    last_error_code: delivery.lastErrorCode,
    last_http_status: delivery.lastHttpStatus,
    created_at: delivery.createdAt.toISOString(),
    run_ended_at: delivery.runEndedAt.toISOString(),
    settled_at: isoOrNull(delivery.settledAt),
    body_removed: delivery.bodyRemoved,
  }
}

/** The same with its body and attempts. */
export function toWireFullDelivery(delivery: FullDelivery, attempts: readonly ListedAttempt[]): WireFullDelivery {
  return {
    ...toWireDelivery(delivery),
    body: delivery.body?.toString('utf8') ?? null,
    attempts: attempts.map(toWireAttempt),
  }
}

/** The wire form of an attempt. */
export function toWireAttempt(attempt: ListedAttempt): WireAttempt {
  return {
    attempt: attempt.attempt,
    started_at: attempt.startedAt.toISOString(),
    duration_ms: attempt.durationMs,
    http_status: attempt.httpStatus,
    error_code: attempt.errorCode,
    reason: attempt.reason,
    response_body: attempt.responseBody,
  }
}

function isoOrNull(time: Date | null): string | null {
  return time?.toISOString() ?? null
}
