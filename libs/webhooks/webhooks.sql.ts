export const INSERT_DELIVERY = `
INSERT INTO webhook_deliveries (
  delivery_id, run_id, thread_id, assistant_id, url, host_key, body, run_status, thread_status, status,
  next_attempt_at, give_up_at, last_error_code, created_at, run_ended_at, settled_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`

/** How many due deliveries one claim looks at: enough to fill every slot, few enough to be cheap at any backlog. */
const CLAIM_WINDOW = 512

/**
 * $1 now, $2 worker, $3 lease, $4 limit, $5 per host, $6 and $7 open requests by host.
 * Hosts that are full are left out before the window is cut, so that a host's backlog cannot hide the others. Within
 * it, a delivery's turn is its place in its host's queue plus what that host has open: the fewest open come first.
 * The claim itself locks row by row and checks again; what another process has locked is passed over.
 */
export const CLAIM_DUE = `
WITH open AS (
  SELECT * FROM unnest($6::text[], $7::integer[]) AS open (host_key, count)
), due AS (
  SELECT delivery_id, host_key, next_attempt_at FROM webhook_deliveries
  WHERE status = 'pending' AND next_attempt_at <= $1
    AND host_key NOT IN (SELECT host_key FROM open WHERE count >= $5)
  ORDER BY next_attempt_at, delivery_id LIMIT ${CLAIM_WINDOW}
), queued AS (
  SELECT due.delivery_id, due.next_attempt_at, coalesce(open.count, 0)
    + row_number() OVER (PARTITION BY due.host_key ORDER BY due.next_attempt_at, due.delivery_id) AS turn
  FROM due LEFT JOIN open USING (host_key)
), picked AS MATERIALIZED (
  SELECT delivery.delivery_id FROM webhook_deliveries AS delivery JOIN queued USING (delivery_id)
  WHERE queued.turn <= $5 AND delivery.status = 'pending' AND delivery.next_attempt_at <= $1
  ORDER BY queued.turn, queued.next_attempt_at LIMIT $4
  FOR UPDATE OF delivery SKIP LOCKED
)
UPDATE webhook_deliveries AS delivery
SET status = 'delivering', claimed_by = $2, lease_until = $3, attempts = attempts + 1,
  cycle_attempts = cycle_attempts + 1
FROM picked WHERE delivery.delivery_id = picked.delivery_id
RETURNING delivery.delivery_id AS "deliveryId", run_id AS "runId", url, host_key AS "hostKey", body,
  thread_status AS "threadStatus", attempts, cycle_attempts AS "cycleAttempts", give_up_at AS "giveUpAt"`

/** $1 now, then one array per column. Written only where the claim is still its worker's. */
export const STORE_OUTCOMES = `
WITH outcome AS (
  SELECT * FROM unnest($2::uuid[], $3::text[], $4::integer[], $5::text[], $6::timestamptz[], $7::text[],
    $8::integer[], $9::timestamptz[], $10::integer[], $11::text[])
  AS outcome (delivery_id, claimed_by, attempt, status, next_attempt_at, error_code, http_status, started_at,
    duration_ms, response)
), stored AS (
  UPDATE webhook_deliveries AS delivery
  SET status = outcome.status, next_attempt_at = outcome.next_attempt_at, claimed_by = NULL, lease_until = NULL,
    last_error_code = outcome.error_code, last_http_status = outcome.http_status,
    settled_at = CASE WHEN outcome.status = 'pending' THEN NULL ELSE $1::timestamptz END
  FROM outcome
  WHERE delivery.delivery_id = outcome.delivery_id AND delivery.status = 'delivering'
    AND delivery.claimed_by = outcome.claimed_by AND delivery.attempts = outcome.attempt
  RETURNING delivery.delivery_id, delivery.run_id, delivery.status
), noted AS (
  INSERT INTO webhook_attempts (delivery_id, attempt, started_at, duration_ms, http_status, error_code, response_body)
  SELECT delivery_id, attempt, started_at, duration_ms, http_status, error_code, response
  FROM outcome JOIN stored USING (delivery_id)
)
SELECT delivery_id AS "deliveryId", run_id AS "runId", status FROM stored`

const STILL_MINE = `
FROM unnest($3::uuid[], $4::integer[]) AS claim (delivery_id, attempts)
WHERE delivery.delivery_id = claim.delivery_id AND delivery.attempts = claim.attempts
  AND delivery.status = 'delivering' AND delivery.claimed_by = $1`

/** $1 worker, $2 now, $3 and $4 the claims. */
export const HAND_BACK = `
UPDATE webhook_deliveries AS delivery
SET status = 'pending', next_attempt_at = $2, claimed_by = NULL, lease_until = NULL,
  attempts = delivery.attempts - 1, cycle_attempts = cycle_attempts - 1
${STILL_MINE}`

/** $1 worker, $2 lease, $3 and $4 the claims. */
export const RENEW_LEASES = `
UPDATE webhook_deliveries AS delivery SET lease_until = $2
${STILL_MINE}`

/** $1 now. The attempt stays counted: it may have been sent. */
export const RECOVER_LOST = `
UPDATE webhook_deliveries
SET status = 'pending', next_attempt_at = $1, claimed_by = NULL, lease_until = NULL
WHERE status = 'delivering' AND lease_until < $1`

/** $1 now. */
export const EXPIRE = `
UPDATE webhook_deliveries SET status = 'dead', next_attempt_at = NULL, settled_at = $1
WHERE status = 'pending' AND next_attempt_at <= $1 AND give_up_at <= $1 AND cycle_attempts > 0
RETURNING delivery_id AS "deliveryId", run_id AS "runId", status`

/** $1 now. */
export const EARLIEST_DUE = `
SELECT min(next_attempt_at) AS due FROM webhook_deliveries WHERE status = 'pending' AND next_attempt_at > $1`
