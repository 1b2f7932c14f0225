import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * How long webhooks were held is one figure instead of an update of all that was held; and held deliveries are cancelled
 * a batch at a time, so that it must be known how far that has come. The retention sweep finds what it removes without
 * reading all that still waits.
 */
export class HeldTime1764000014000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [SETTINGS, LAST_MOMENT, EMPTIED]) await runner.query(statement)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

/*
 * held_ms: how long they were off, by the switch or by the file, what is under way not counted. file_off_since: the first
 * start that found them off by the file. discarded_so_far: null unless held deliveries are being cancelled.
 */
const SETTINGS = `
ALTER TABLE webhook_settings ADD COLUMN held_ms bigint NOT NULL DEFAULT 0, ADD COLUMN file_off_since timestamptz,
  ADD COLUMN discarded_so_far integer`

const LAST_MOMENT = `
COMMENT ON COLUMN webhook_deliveries.give_up_at IS 'less webhook_settings.held_ms, which is added to read it'`

/* Written when a body is emptied and not when a delivery settles. */
const EMPTIED = `
CREATE INDEX webhook_deliveries_emptied ON webhook_deliveries (settled_at)
  WHERE status IN ('delivered', 'cancelled', 'dead') AND body IS NULL`
