import { prepared } from '#database'
import { HELD_TIME, heldTimeBy } from './switch/switch.sql.js'

/** One parameter per column, as listed ($14 now). The last moment is stored without the time that webhooks were held. */
export const INSERT_DELIVERY = prepared(
  `
INSERT INTO webhook_deliveries (
  delivery_id, run_id, thread_id, assistant_id, url, host_key, body, run_status, thread_status, status,
  next_attempt_at, give_up_at, last_error_code, created_at, run_ended_at, settled_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::timestamptz - ${heldTimeBy('$14')}, $13, $14, $15, $16)`,
)

/**
 * $1 now, $2 worker, $3 lease, $4 limit, $5 room of a host that is not known, $6 to $8 the known hosts: what is held of
 * them and what there is room for, $9 the host to go on from, $10 how many hosts to look at, $11 the largest body.
 * Steps from host to host along the index and takes from each what there is room for, so that the cost grows with the
 * waiting hosts and not with any one's backlog, and no backlog hides the others. A delivery's turn is its place in its
 * host's queue plus what is held of that host: the fewest come first. A host whose breaker is open gives nothing before
 * the probe's time and then one delivery; the breaker's row is locked for it, so that one process probes. What another
 * process has locked is passed over. Nothing is claimed while the run-time switch is off.
 */
export const CLAIM_DUE = prepared(
  `
WITH RECURSIVE known AS (
  SELECT * FROM unnest($6::text[], $7::integer[], $8::integer[]) AS known (host_key, held, room)
), host AS (
  (SELECT host_key, 1 AS place FROM webhook_deliveries WHERE status = 'pending' AND host_key > $9
      AND NOT EXISTS (SELECT FROM webhook_settings WHERE disabled)
    ORDER BY host_key LIMIT 1)
  UNION ALL
  SELECT (
    SELECT next.host_key FROM webhook_deliveries AS next
    WHERE next.status = 'pending' AND next.host_key > host.host_key ORDER BY next.host_key LIMIT 1
  ), place + 1 FROM host WHERE host.host_key IS NOT NULL AND place < $10
), probe AS MATERIALIZED (
  SELECT host_key, delay_ms FROM webhook_breakers
  WHERE probe_at <= $1 AND host_key IN (SELECT host_key FROM host) FOR UPDATE SKIP LOCKED
), room AS (
  SELECT host.host_key, coalesce(known.held, 0) AS held, probe.delay_ms,
    CASE WHEN probe.host_key IS NOT NULL THEN 1 WHEN breaker.host_key IS NOT NULL THEN 0
      ELSE coalesce(known.room, $5) END AS room
  FROM host LEFT JOIN known ON known.host_key = host.host_key
    LEFT JOIN webhook_breakers AS breaker ON breaker.host_key = host.host_key
    LEFT JOIN probe ON probe.host_key = host.host_key
  WHERE host.host_key IS NOT NULL
), queued AS MATERIALIZED (
  SELECT due.delivery_id, due.next_attempt_at, room.host_key, room.held, room.delay_ms
  FROM room CROSS JOIN LATERAL (
    SELECT delivery_id, next_attempt_at FROM webhook_deliveries AS waiting
    WHERE waiting.status = 'pending' AND waiting.host_key = room.host_key AND waiting.next_attempt_at <= $1
    ORDER BY next_attempt_at, delivery_id LIMIT room.room FOR UPDATE SKIP LOCKED
  ) AS due
), placed AS (
  SELECT queued.*, held + row_number() OVER (PARTITION BY host_key ORDER BY next_attempt_at, delivery_id) AS turn
  FROM queued
), picked AS MATERIALIZED (
  SELECT delivery_id, host_key, delay_ms FROM placed ORDER BY turn, next_attempt_at LIMIT $4
), probing AS (
  UPDATE webhook_breakers SET probe_at = $3
  WHERE host_key IN (SELECT host_key FROM picked WHERE delay_ms IS NOT NULL)
), claimed AS (
  UPDATE webhook_deliveries AS delivery
  SET status = 'delivering', claimed_by = $2, lease_until = $3, attempts = attempts + 1,
    cycle_attempts = cycle_attempts + 1
  FROM picked WHERE delivery.delivery_id = picked.delivery_id
  RETURNING delivery.delivery_id AS "deliveryId", run_id AS "runId", url, delivery.host_key AS "hostKey",
    CASE WHEN octet_length(body) <= $11 THEN body END AS body, thread_status AS "threadStatus", attempts,
    cycle_attempts AS "cycleAttempts", give_up_at + ${HELD_TIME} AS "giveUpAt", delay_ms AS "probeDelayMs"
)
SELECT walk.*, claimed.*
FROM (SELECT coalesce(max(host_key), '') AS "walkedTo", count(host_key)::integer AS walked FROM host) AS walk
  LEFT JOIN claimed ON true`,
)

/** $1 delivery. */
export const READ_BODY = prepared(
  `
SELECT body FROM webhook_deliveries WHERE delivery_id = $1`,
)

/** What is told of a delivery that has ended. */
const END = `host_key AS "hostKey", last_error_code AS "errorCode", last_http_status AS "httpStatus", attempts`

/** $1 now, then one array per column. Written only where the claim is still its worker's. */
export const STORE_OUTCOMES = prepared(
  `
WITH outcome AS (
  SELECT * FROM unnest($2::uuid[], $3::text[], $4::integer[], $5::text[], $6::timestamptz[], $7::text[],
    $8::integer[], $9::timestamptz[], $10::integer[], $11::text[], $12::text[])
  AS outcome (delivery_id, claimed_by, attempt, status, next_attempt_at, error_code, http_status, started_at,
    duration_ms, response, reason)
), stored AS (
  UPDATE webhook_deliveries AS delivery
  SET status = outcome.status, next_attempt_at = outcome.next_attempt_at, claimed_by = NULL, lease_until = NULL,
    last_error_code = outcome.error_code, last_http_status = outcome.http_status,
    settled_at = CASE WHEN outcome.status = 'pending' THEN NULL ELSE $1::timestamptz END
  FROM outcome
  WHERE delivery.delivery_id = outcome.delivery_id AND delivery.status = 'delivering'
    AND delivery.claimed_by = outcome.claimed_by AND delivery.attempts = outcome.attempt
  RETURNING delivery.delivery_id, delivery.run_id, delivery.status, delivery.run_ended_at, delivery.host_key,
    delivery.last_error_code, delivery.last_http_status, delivery.attempts
), noted AS (
  INSERT INTO webhook_attempts
    (delivery_id, attempt, started_at, duration_ms, http_status, error_code, response_body, reason)
  SELECT delivery_id, attempt, started_at, duration_ms, http_status, error_code, response, reason
  FROM outcome JOIN stored USING (delivery_id)
)
SELECT delivery_id AS "deliveryId", run_id AS "runId", status, ${END},
  (extract(epoch FROM $1::timestamptz - run_ended_at) * 1000)::double precision AS "latencyMs"
FROM stored`,
)

const STILL_MINE = `
FROM unnest($2::uuid[], $3::integer[]) AS claim (delivery_id, attempts)
WHERE delivery.delivery_id = claim.delivery_id AND delivery.attempts = claim.attempts
  AND delivery.status = 'delivering' AND delivery.claimed_by = $1`

/** $1 worker, $2 and $3 the claims. They keep the place in the queue that they had. */
export const HAND_BACK = `
UPDATE webhook_deliveries AS delivery
SET status = 'pending', claimed_by = NULL, lease_until = NULL, attempts = delivery.attempts - 1,
  cycle_attempts = cycle_attempts - 1
${STILL_MINE}`

/** $1 worker, $2 and $3 the claims, $4 lease. */
export const RENEW_LEASES = `
UPDATE webhook_deliveries AS delivery SET lease_until = $4
${STILL_MINE}`

/**
 * $1 now, $2 attempts of a whole schedule. The attempt stays counted: it may have been sent. Where it was the last one,
 * the delivery ends, one that kills its sender least of all may go on for ever; where no attempt's outcome was ever
 * stored, the code says so.
 */
const TAKE_UP = `
UPDATE webhook_deliveries
SET status = CASE WHEN cycle_attempts >= $2 THEN 'dead' ELSE 'pending' END,
  next_attempt_at = CASE WHEN cycle_attempts >= $2 THEN NULL ELSE $1::timestamptz END,
  settled_at = CASE WHEN cycle_attempts >= $2 THEN $1::timestamptz END,
  last_error_code = CASE WHEN cycle_attempts >= $2 THEN coalesce(last_error_code, 'lost') ELSE last_error_code END,
  claimed_by = NULL, lease_until = NULL
WHERE status = 'delivering'`

const ENDED = `RETURNING delivery_id AS "deliveryId", run_id AS "runId", status, ${END}`

/** $3 worker. What every other process holds, whatever its lease says; its probes of hosts no longer count. */
export const TAKE_OVER = `
WITH freed AS (
  UPDATE webhook_breakers SET probe_at = $1 WHERE probe_at > $1::timestamptz + delay_ms * interval '1 ms'
)
${TAKE_UP} AND claimed_by <> $3 ${ENDED}`

/**
 * $3 worker, $4 the deliveries that it holds. What no process holds any more: after the lease, and at once what this
 * one has claimed without learning of it, the answer being lost with its connection.
 */
export const RECOVER_LOST = `
${TAKE_UP} AND (lease_until < $1 OR claimed_by = $3 AND delivery_id <> ALL ($4::uuid[])) ${ENDED}`

/** $1 now. */
export const EXPIRE = `
UPDATE webhook_deliveries AS delivery SET status = 'dead', next_attempt_at = NULL, settled_at = $1,
  last_error_code = coalesce(last_error_code, 'breaker')
WHERE delivery_id IN (
  SELECT delivery_id FROM webhook_deliveries AS waiting
  WHERE waiting.status = 'pending' AND waiting.give_up_at <= $1::timestamptz - ${HELD_TIME} AND waiting.next_attempt_at <= $1
    AND (waiting.cycle_attempts > 0
      OR EXISTS (SELECT FROM webhook_breakers AS breaker WHERE breaker.host_key = waiting.host_key))
    AND NOT EXISTS (SELECT FROM webhook_settings WHERE disabled)
  LIMIT 1000 FOR UPDATE SKIP LOCKED)
${ENDED}`

/** $1 now. `attempts >= 0` is true of all: the index over every host is for whoever says it, and for no claim. */
export const EARLIEST_DUE = prepared(
  `
SELECT least(
  (SELECT min(next_attempt_at) FROM webhook_deliveries WHERE status = 'pending' AND attempts >= 0 AND next_attempt_at > $1),
  (SELECT min(probe_at) FROM webhook_breakers WHERE probe_at > $1)) AS due`,
)

/** $1 now. Each part goes over a partial index of its state alone, or over the few open breakers. */
export const BACKLOG = `
SELECT (SELECT count(*)::integer FROM webhook_deliveries WHERE status = 'pending' AND attempts = 0) AS queued,
  (SELECT count(*)::integer FROM webhook_deliveries WHERE status = 'pending' AND attempts > 0) AS retrying,
  (SELECT count(*)::integer FROM webhook_deliveries WHERE status = 'delivering') AS delivering,
  (SELECT count(*)::integer FROM webhook_deliveries WHERE status = 'dead') AS dead,
  (SELECT count(*)::integer FROM webhook_breakers) AS "openBreakers",
  (SELECT min(next_attempt_at) FROM webhook_deliveries
   WHERE status = 'pending' AND attempts >= 0 AND next_attempt_at <= $1)
    AS "oldestDue"`
