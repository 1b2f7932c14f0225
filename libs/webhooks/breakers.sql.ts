/** $1 host, $2 now, $3 the probe's time, $4 the wait until then in ms. */
export const OPEN_BREAKER = `
INSERT INTO webhook_breakers (host_key, opened_at, probe_at, delay_ms) VALUES ($1, $2, $3, $4)
ON CONFLICT (host_key) DO NOTHING`

/** $1 host, $2 the next probe's time, $3 the wait until then in ms. */
export const POSTPONE_PROBE = `
UPDATE webhook_breakers SET probe_at = $2, delay_ms = $3 WHERE host_key = $1`

/** $1 host. */
export const CLOSE_BREAKER = `
DELETE FROM webhook_breakers WHERE host_key = $1`

/** $1 hosts. */
export const STILL_OPEN = `
SELECT host_key AS "hostKey" FROM webhook_breakers WHERE host_key = ANY ($1::text[])`

/** $1 a time. Hosts that have had nothing to probe with since then. */
export const DROP_IDLE_BREAKERS = `
DELETE FROM webhook_breakers AS breaker WHERE probe_at < $1 AND NOT EXISTS (
  SELECT FROM webhook_deliveries AS delivery
  WHERE delivery.status = 'pending' AND delivery.host_key = breaker.host_key)`
