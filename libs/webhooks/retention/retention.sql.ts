/** $1 cutoff, $2 where the last batch ended, $3 limit. What another process has locked is left to the next sweep. */
const emptyBodies = (states: string) => `
WITH batch AS MATERIALIZED (
  SELECT delivery_id, settled_at FROM webhook_deliveries
  WHERE ${states} AND body IS NOT NULL AND settled_at < $1::timestamptz AND settled_at >= $2::timestamptz
  ORDER BY settled_at LIMIT $3 FOR UPDATE SKIP LOCKED
), emptied AS (
  UPDATE webhook_deliveries SET body = NULL WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM batch))
)
SELECT count(*)::integer AS count, max(settled_at) AS until FROM batch`

/** Goes along the index of such bodies that are still there; answers where it ended. */
export const EMPTY_SETTLED_BODIES = emptyBodies(`status IN ('delivered', 'cancelled')`)

/** The same with those of the dead, which are kept for longer. */
export const EMPTY_DEAD_BODIES = emptyBodies(`status = 'dead'`)

/**
 * $1 cutoff, $2 where the last batch ended, $3 limit. Attempts go with their deliveries. Goes along the index of what has
 * no body any more: no body is kept longer than its delivery, and what waits has one, however old it is.
 */
export const REMOVE_ROWS = `
WITH batch AS MATERIALIZED (
  SELECT delivery_id, settled_at FROM webhook_deliveries
  WHERE status IN ('delivered', 'cancelled', 'dead') AND body IS NULL
    AND settled_at < $1::timestamptz AND settled_at >= $2::timestamptz
  ORDER BY settled_at LIMIT $3 FOR UPDATE SKIP LOCKED
), removed AS (
  DELETE FROM webhook_deliveries WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM batch))
)
SELECT count(*)::integer AS count, max(settled_at) AS until FROM batch`
