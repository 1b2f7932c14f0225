import type { DeliveryFilter } from './delivery-filter.js'
import type { DeliveryPosition } from './delivery-position.js'
import { HELD_TIME } from '../switch/switch.sql.js'

/** A condition and the values of its parameters. */
export interface Condition {
  readonly sql: string
  readonly values: readonly unknown[]
}

/** The time of a position. */
const timeOf = (parameter: string) => `timestamptz 'epoch' + ${parameter}::bigint * interval '1 microsecond'`

const CREATED_MICROS = `(extract(epoch FROM created_at) * 1000000)::bigint::text AS "createdMicros"`

const COLUMNS = `delivery_id AS "deliveryId", run_id AS "runId", thread_id AS "threadId", assistant_id AS "assistantId",
  url, host_key AS "hostKey", status, run_status AS "runStatus", thread_status AS "threadStatus", attempts,
  next_attempt_at AS "nextAttemptAt", give_up_at + ${HELD_TIME} AS "giveUpAt", last_error_code AS "lastErrorCode",
  last_http_status AS "lastHttpStatus", created_at AS "createdAt", run_ended_at AS "runEndedAt",
  settled_at AS "settledAt", body IS NULL AS "bodyRemoved", ${CREATED_MICROS}`

/** What a list is bounded by: on which side of the position, exclusively. */
export type Side = 'before' | 'after'

/**
 * The filter as a condition with parameters from $1. Only what is asked for stands in it, so that each question finds
 * its index. `hostKeys` takes the place of the filter's host.
 */
export function conditionOf(
  filter: DeliveryFilter,
  hostKeys: readonly string[] | null,
  position: DeliveryPosition | null,
  side: Side,
): Condition {
  const values: unknown[] = []
  const parameter = (value: unknown) => `$${values.push(value)}`
  const parts = ['true']
  if (filter.status !== null) parts.push(`status = ${parameter(filter.status)}`)
  if (filter.runId !== null) parts.push(`run_id = ${parameter(filter.runId)}::uuid`)
  if (filter.threadId !== null) parts.push(`thread_id = ${parameter(filter.threadId)}::uuid`)
  if (hostKeys !== null) parts.push(`host_key = ANY (${parameter(hostKeys)}::text[])`)
  if (filter.createdAfter !== null) parts.push(`created_at >= ${parameter(filter.createdAfter)}`)
  if (filter.createdBefore !== null) parts.push(`created_at < ${parameter(filter.createdBefore)}`)
  if (position !== null) {
    const place = `(${timeOf(parameter(position.createdMicros))}, ${parameter(position.deliveryId)}::uuid)`
    parts.push(`(created_at, delivery_id) ${side === 'before' ? '<' : '>'} ${place}`)
  }
  return { sql: parts.join(' AND '), values }
}

/** Newest first; the last parameter is how many. */
export function listDeliveries({ sql, values }: Condition): string {
  return `SELECT ${COLUMNS} FROM webhook_deliveries WHERE ${sql}
ORDER BY created_at DESC, delivery_id DESC LIMIT $${values.length + 1}`
}

/** $1 delivery. */
export const FIND_DELIVERY = `SELECT ${COLUMNS}, body FROM webhook_deliveries WHERE delivery_id = $1`

/** $1 delivery. */
export const FIND_ATTEMPTS = `
SELECT attempt, started_at AS "startedAt", duration_ms AS "durationMs", http_status AS "httpStatus",
  error_code AS "errorCode", reason, response_body AS "responseBody"
FROM webhook_attempts WHERE delivery_id = $1 ORDER BY attempt`

/** $1 host, with its port or for all of them. The keys of all its schemes: one step of the index for each host that there is. */
export const KEYS_OF_HOST = `
WITH RECURSIVE host AS (
  (SELECT host_key FROM webhook_deliveries ORDER BY host_key LIMIT 1)
  UNION ALL
  SELECT (SELECT next.host_key FROM webhook_deliveries AS next WHERE next.host_key > host.host_key
    ORDER BY next.host_key LIMIT 1) FROM host WHERE host.host_key IS NOT NULL
)
SELECT host_key AS "hostKey" FROM host
WHERE host_key = $1 OR substring(host_key FROM '^https?://(.*):[0-9]+$') = $1
  OR substring(host_key FROM '^https?://(.*)$') = $1`

/** $1 delivery. Nobody else changes it until the transaction ends. */
export const LOCK_DELIVERY = `
SELECT status, body IS NOT NULL AS "hasBody" FROM webhook_deliveries WHERE delivery_id = $1 FOR UPDATE`

const REQUEUED = `status = 'pending', cycle_attempts = 0, settled_at = NULL`
const MAY_BE_REQUEUED = `status <> 'delivering' AND body IS NOT NULL`

/** $1 delivery, $2 now, $3 its new last moment. */
export const REQUEUE = `
UPDATE webhook_deliveries SET ${REQUEUED}, next_attempt_at = $2, give_up_at = $3::timestamptz - ${HELD_TIME}
WHERE delivery_id = $1 AND ${MAY_BE_REQUEUED}`

/**
 * The next deliveries of a filter, oldest first, requeued; the last three parameters are now, their new last moment and
 * how many. What another process has locked is being claimed or settled: it is passed over.
 */
export function requeueMatching({ sql, values }: Condition): string {
  const place = values.length
  return `
WITH chosen AS MATERIALIZED (
  SELECT delivery_id FROM webhook_deliveries WHERE ${sql} AND ${MAY_BE_REQUEUED}
  ORDER BY created_at, delivery_id LIMIT $${place + 3} FOR UPDATE SKIP LOCKED
), requeued AS (
  UPDATE webhook_deliveries AS delivery SET ${REQUEUED}, next_attempt_at = $${place + 1},
    give_up_at = $${place + 2}::timestamptz - ${HELD_TIME}
  FROM chosen WHERE delivery.delivery_id = chosen.delivery_id
  RETURNING delivery.delivery_id, delivery.created_at
)
SELECT delivery_id AS "deliveryId", ${CREATED_MICROS} FROM requeued ORDER BY created_at, delivery_id`
}

/** $1 delivery, $2 now. */
export const CANCEL_PENDING = `
UPDATE webhook_deliveries SET status = 'cancelled', next_attempt_at = NULL, settled_at = $2
WHERE delivery_id = $1 AND status = 'pending'`
