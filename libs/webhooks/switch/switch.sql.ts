/** Whether the run-time switch is off; asked for each second by every process. */
export const READ_SWITCH = `SELECT disabled FROM webhook_settings`

/** The same, with when, by whom, from which address and why it was turned last. */
export const READ_STATE = `
SELECT disabled, changed_at AS "changedAt", changed_by AS by, address, reason FROM webhook_settings`

/** Two turns at once come one after the other. */
export const LOCK_STATE = `
SELECT disabled, discarded_so_far AS "discardedSoFar" FROM webhook_settings FOR UPDATE`

/** How long the switch has been off at a time, in ms. */
const offMs = (now: string) =>
  `CASE WHEN disabled THEN greatest(0, extract(epoch FROM ${now}::timestamptz - changed_at) * 1000)::bigint ELSE 0 END`

/**
 * How long webhooks were held in all, as an interval. The last moments of deliveries are stored without it, so that
 * none has to be written anew when what was held is sent.
 */
export const HELD_TIME = `(SELECT held_ms * interval '1 ms' FROM webhook_settings)`

/** The same by a time, at which they may be held. */
export const heldTimeBy = (now: string) => `(SELECT (held_ms + ${offMs(now)}) * interval '1 ms' FROM webhook_settings)`

/** $1 disabled, $2 now, $3 by, $4 address, $5 reason. What was held is held no longer once it is on. */
export const TURN = `
UPDATE webhook_settings SET held_ms = held_ms + ${offMs('$2')}, disabled = $1, changed_at = $2, changed_by = $3,
  address = $4, reason = $5, discarded_so_far = NULL`

/** $1 how many; null: none are being cancelled any more. */
export const NOTE_DISCARDED = `UPDATE webhook_settings SET discarded_so_far = $1`

/** $1 now. Starts that find them off by the file follow one another: the first tells since when. */
export const NOTE_OFF_BY_FILE = `
UPDATE webhook_settings SET file_off_since = $1 WHERE file_off_since IS NULL`

/** $1 now. Time in which the switch was off as well counts once: the file lets nobody turn it. */
export const END_OFF_BY_FILE = `
UPDATE webhook_settings SET file_off_since = NULL, held_ms = held_ms + CASE WHEN disabled THEN 0
  ELSE greatest(0, extract(epoch FROM $1::timestamptz - file_off_since) * 1000)::bigint END
WHERE file_off_since IS NOT NULL`

/** $1 disabled, $2 now, $3 by, $4 address, $5 reason, $6 how many deliveries were cancelled; null where none was to be. */
export const RECORD_CHANGE = `
INSERT INTO webhook_settings_changes (disabled, changed_at, changed_by, address, reason, discarded)
VALUES ($1, $2, $3, $4, $5, $6)`

/** $1 limit. */
export const READ_HISTORY = `
SELECT disabled, changed_at AS "changedAt", changed_by AS by, address, reason, discarded
FROM webhook_settings_changes ORDER BY change_id DESC LIMIT $1`

/** $1 how many to count at most: all that waits can be very many. */
export const COUNT_PENDING = `
SELECT count(*)::integer AS pending
FROM (SELECT FROM webhook_deliveries WHERE status = 'pending' LIMIT $1) AS waiting`

/**
 * $1 now, $2 limit, $3 and $4 where the last batch ended. What is written meanwhile was not held, and stays. Goes along
 * the index of what is due, past what the batches before have cancelled; answers where it ended.
 */
export const CANCEL_HELD = `
WITH batch AS MATERIALIZED (
  SELECT delivery_id, next_attempt_at FROM webhook_deliveries
  WHERE status = 'pending' AND created_at <= $1::timestamptz
    AND (next_attempt_at, delivery_id) > ($3::timestamptz, $4::uuid)
  ORDER BY next_attempt_at, delivery_id LIMIT $2
), cancelled AS (
  UPDATE webhook_deliveries AS delivery SET status = 'cancelled', next_attempt_at = NULL, settled_at = $1
  FROM batch WHERE delivery.delivery_id = batch.delivery_id AND delivery.status = 'pending'
  RETURNING delivery.delivery_id
)
SELECT (SELECT count(*)::integer FROM batch) AS walked, (SELECT count(*)::integer FROM cancelled) AS count,
  next_attempt_at::text AS "dueAt", delivery_id AS "deliveryId"
FROM batch ORDER BY next_attempt_at DESC, delivery_id DESC LIMIT 1`
