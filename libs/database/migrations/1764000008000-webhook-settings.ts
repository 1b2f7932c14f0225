import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * The run-time switch of webhooks with the history of its changes; and the bodies that the retention sweep empties are
 * found without reading those that it has emptied.
 */
export class WebhookSettings1764000008000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [SETTINGS, THE_ROW, CHANGES, BODIES]) await runner.query(statement)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

/* One row: every claim reads it, and whoever changes it locks it. */
const SETTINGS = `
CREATE TABLE webhook_settings (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  disabled boolean NOT NULL,
  changed_at timestamptz,
  changed_by text,
  address text,
  reason text
)`

const THE_ROW = `INSERT INTO webhook_settings (disabled) VALUES (false)`

const CHANGES = `
CREATE TABLE webhook_settings_changes (
  change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  disabled boolean NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by text,
  address text,
  reason text,
  discarded integer
)`

const BODIES = `
CREATE INDEX webhook_deliveries_bodies ON webhook_deliveries (settled_at)
  WHERE settled_at IS NOT NULL AND body IS NOT NULL`
