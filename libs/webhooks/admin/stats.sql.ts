/**
 * The next deliveries in the order of their creation, counted by host and state: $1 since, $2 and $3 the position before
 * them (microseconds, id; null at the beginning), $4 how many. Each row says where the slice ended.
 */
export const COUNT_SLICE = `
WITH slice AS MATERIALIZED (
  SELECT host_key, status, created_at, delivery_id FROM webhook_deliveries
  WHERE created_at >= $1 AND ($2::bigint IS NULL OR
    (created_at, delivery_id) > (timestamptz 'epoch' + $2::bigint * interval '1 microsecond', $3::uuid))
  ORDER BY created_at, delivery_id LIMIT $4
), last AS (
  SELECT created_at, delivery_id FROM slice ORDER BY created_at DESC, delivery_id DESC LIMIT 1
)
SELECT slice.host_key AS "hostKey", slice.status, count(*)::integer AS count,
  (extract(epoch FROM last.created_at) * 1000000)::bigint::text AS "createdMicros", last.delivery_id AS "deliveryId"
FROM slice CROSS JOIN last GROUP BY slice.host_key, slice.status, last.created_at, last.delivery_id`

const PERCENTILES = `percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms) AS "p50Ms",
  percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) AS "p95Ms"`

/**
 * $1 since, $2 how many of the newest deliveries. Over all their attempts; OFFSET 0 keeps them from being read with those
 * of all deliveries.
 */
export const DURATIONS = `
SELECT ${PERCENTILES} FROM (
  SELECT delivery_id FROM webhook_deliveries WHERE created_at >= $1 ORDER BY created_at DESC, delivery_id DESC LIMIT $2
) AS newest CROSS JOIN LATERAL (
  SELECT duration_ms FROM webhook_attempts AS attempt WHERE attempt.delivery_id = newest.delivery_id OFFSET 0
) AS attempt`

/** $1 since, $2 how many of each host's newest deliveries, $3 hosts, $4 now. */
export const HOST_DETAILS = `
SELECT host.host_key AS "hostKey", durations."p50Ms", durations."p95Ms", due.oldest AS "oldestDueAt",
  breaker.opened_at AS "openedAt", breaker.probe_at AS "probeAt"
FROM unnest($3::text[]) AS host (host_key)
  CROSS JOIN LATERAL (
    SELECT ${PERCENTILES} FROM (
      SELECT delivery_id FROM webhook_deliveries AS delivery
      WHERE delivery.host_key = host.host_key AND delivery.created_at >= $1 ORDER BY created_at DESC LIMIT $2
    ) AS newest CROSS JOIN LATERAL (
      SELECT duration_ms FROM webhook_attempts AS attempt WHERE attempt.delivery_id = newest.delivery_id OFFSET 0
    ) AS attempt
  ) AS durations
  CROSS JOIN LATERAL (
    SELECT min(next_attempt_at) AS oldest FROM webhook_deliveries AS waiting
    WHERE waiting.status = 'pending' AND waiting.host_key = host.host_key AND waiting.next_attempt_at <= $4
  ) AS due
  LEFT JOIN webhook_breakers AS breaker ON breaker.host_key = host.host_key`

/** $1 now. */
export const OLDEST_DUE = `
SELECT min(next_attempt_at) AS oldest FROM webhook_deliveries
WHERE status = 'pending' AND attempts >= 0 AND next_attempt_at <= $1`
