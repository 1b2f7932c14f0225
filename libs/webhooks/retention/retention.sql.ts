/**
 * $1 cutoff, $2 cutoff of the dead, $3 where the last batch ended, $4 limit. Goes along the index of the bodies that are
 * still there; what another process has locked is left to the next sweep. Answers where it ended.
 */
export const EMPTY_BODIES = `
WITH batch AS MATERIALIZED (
  SELECT delivery_id, settled_at FROM webhook_deliveries
  WHERE settled_at IS NOT NULL AND body IS NOT NULL AND settled_at < $1::timestamptz AND settled_at >= $3::timestamptz
    AND (status IN ('delivered', 'cancelled') OR status = 'dead' AND settled_at < $2::timestamptz)
  ORDER BY settled_at LIMIT $4 FOR UPDATE SKIP LOCKED
), emptied AS (
  UPDATE webhook_deliveries SET body = NULL WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM batch))
)
SELECT count(*)::integer AS count, max(settled_at) AS until FROM batch`

/**
 * $1 cutoff, $2 where the last batch ended, $3 limit. Attempts go with their deliveries. Goes along the index of the
 * newest, from its end: no delivery settles before it is made.
 */
export const REMOVE_ROWS = `
WITH batch AS MATERIALIZED (
  SELECT delivery_id, created_at FROM webhook_deliveries
  WHERE created_at < $1::timestamptz AND created_at >= $2::timestamptz AND settled_at < $1::timestamptz
    AND status IN ('delivered', 'cancelled', 'dead')
  ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED
), removed AS (
  DELETE FROM webhook_deliveries WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM batch))
)
SELECT count(*)::integer AS count, max(created_at) AS until FROM batch`
