export const READ_SWITCH = `SELECT disabled FROM webhook_settings`

export const READ_STATE = `
SELECT disabled, changed_at AS "changedAt", changed_by AS by, address, reason FROM webhook_settings`

/** Two turns at once come one after the other. */
export const LOCK_STATE = `${READ_STATE} FOR UPDATE`

/** $1 disabled, $2 now, $3 by, $4 address, $5 reason. */
export const TURN = `
UPDATE webhook_settings SET disabled = $1, changed_at = $2, changed_by = $3, address = $4, reason = $5`

/** $1 disabled, $2 now, $3 by, $4 address, $5 reason, $6 how many deliveries were cancelled; null where none was to be. */
export const RECORD_CHANGE = `
INSERT INTO webhook_settings_changes (disabled, changed_at, changed_by, address, reason, discarded)
VALUES ($1, $2, $3, $4, $5, $6)`

/** $1 limit. */
export const READ_HISTORY = `
SELECT disabled, changed_at AS "changedAt", changed_by AS by, address, reason, discarded
FROM webhook_settings_changes ORDER BY change_id DESC LIMIT $1`

export const COUNT_PENDING = `
SELECT count(*)::integer AS pending FROM webhook_deliveries WHERE status = 'pending'`

/**
 * $1 now, $2 off since, $3 and $4 where the last batch ended, $5 limit. The time that a delivery was held is added to
 * its last moment. Goes along the index of what is due; answers where it ended.
 */
export const LENGTHEN_HELD = `
WITH batch AS MATERIALIZED (
  SELECT delivery_id, next_attempt_at FROM webhook_deliveries
  WHERE status = 'pending' AND (next_attempt_at, delivery_id) > ($3::timestamptz, $4::uuid)
  ORDER BY next_attempt_at, delivery_id LIMIT $5
), lengthened AS (
  UPDATE webhook_deliveries AS delivery
  SET give_up_at = give_up_at + greatest($1::timestamptz - greatest($2::timestamptz, created_at), interval '0')
  FROM batch WHERE delivery.delivery_id = batch.delivery_id AND delivery.status = 'pending'
)
SELECT next_attempt_at::text AS "dueAt", delivery_id AS "deliveryId" FROM batch
ORDER BY next_attempt_at DESC, delivery_id DESC LIMIT 1`

/** $1 now, $2 limit. What is written meanwhile was not held, and stays. */
export const CANCEL_HELD = `
UPDATE webhook_deliveries SET status = 'cancelled', next_attempt_at = NULL, settled_at = $1
WHERE status = 'pending' AND delivery_id IN (
  SELECT delivery_id FROM webhook_deliveries WHERE status = 'pending' AND created_at <= $1
  ORDER BY next_attempt_at, delivery_id LIMIT $2)`
