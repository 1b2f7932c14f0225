export const INSERT_DELIVERY = `
INSERT INTO webhook_deliveries (
  delivery_id, run_id, thread_id, assistant_id, url, host_key, body, run_status, thread_status, status,
  next_attempt_at, give_up_at, last_error_code, created_at, run_ended_at, settled_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`

/**
 * $1 now, $2 worker, $3 lease, $4 limit, $5 per host, $6 and $7 open requests by host.
 * Steps from host to host along the index and takes from each what it has slots for, so that the cost grows with the
 * waiting hosts and not with any one's backlog, and no backlog hides the others. A delivery's turn is its place in its
 * host's queue plus what that host has open: the fewest open come first. The rows are locked one by one and checked
 * again; what another process has locked is passed over.
 */
export const CLAIM_DUE = `
WITH RECURSIVE open AS (
  SELECT * FROM unnest($6::text[], $7::integer[]) AS open (host_key, requests)
), host AS (
  (SELECT host_key FROM webhook_deliveries WHERE status = 'pending' ORDER BY host_key LIMIT 1)
  UNION ALL
  SELECT (
    SELECT next.host_key FROM webhook_deliveries AS next
    WHERE next.status = 'pending' AND next.host_key > host.host_key ORDER BY next.host_key LIMIT 1
  ) FROM host WHERE host.host_key IS NOT NULL
), queued AS (
  SELECT due.delivery_id, due.next_attempt_at, coalesce(open.requests, 0)
    + row_number() OVER (PARTITION BY host.host_key ORDER BY due.next_attempt_at, due.delivery_id) AS turn
  FROM host LEFT JOIN open ON open.host_key = host.host_key CROSS JOIN LATERAL (
    SELECT delivery_id, next_attempt_at FROM webhook_deliveries AS waiting
    WHERE waiting.status = 'pending' AND waiting.host_key = host.host_key AND waiting.next_attempt_at <= $1
    ORDER BY next_attempt_at, delivery_id LIMIT greatest(0, $5::integer - coalesce(open.requests, 0))
  ) AS due
), picked AS MATERIALIZED (
  SELECT delivery_id FROM webhook_deliveries
  WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM queued ORDER BY turn, next_attempt_at LIMIT $4))
    AND status = 'pending' AND next_attempt_at <= $1
  FOR UPDATE SKIP LOCKED
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

/** $1 now, $2 worker. What every other process holds, whatever its lease says. */
export const TAKE_OVER = `
UPDATE webhook_deliveries
SET status = 'pending', next_attempt_at = $1, claimed_by = NULL, lease_until = NULL
WHERE status = 'delivering' AND claimed_by <> $2`

/** $1 now. The attempt stays counted: it may have been sent. */
export const RECOVER_LOST = `
UPDATE webhook_deliveries
SET status = 'pending', next_attempt_at = $1, claimed_by = NULL, lease_until = NULL
WHERE status = 'delivering' AND lease_until < $1`

/** $1 now, $2 attempts of a whole schedule. Where no attempt's outcome was ever stored, the code says so. */
export const EXPIRE = `
UPDATE webhook_deliveries SET status = 'dead', next_attempt_at = NULL, settled_at = $1,
  last_error_code = coalesce(last_error_code, 'lost')
WHERE status = 'pending' AND next_attempt_at <= $1 AND cycle_attempts > 0
  AND (give_up_at <= $1 OR cycle_attempts >= $2)
RETURNING delivery_id AS "deliveryId", run_id AS "runId", status`

/** $1 now. */
export const EARLIEST_DUE = `
SELECT min(next_attempt_at) AS due FROM webhook_deliveries WHERE status = 'pending' AND next_attempt_at > $1`

/** $1 now. Each part goes over a partial index of its state alone. */
export const BACKLOG = `
SELECT (SELECT count(*)::integer FROM webhook_deliveries WHERE status = 'pending' AND attempts = 0) AS queued,
  (SELECT count(*)::integer FROM webhook_deliveries WHERE status = 'pending' AND attempts > 0) AS retrying,
  (SELECT count(*)::integer FROM webhook_deliveries WHERE status = 'dead') AS dead,
  (SELECT min(next_attempt_at) FROM webhook_deliveries WHERE status = 'pending' AND next_attempt_at <= $1)
    AS "oldestDue"`
