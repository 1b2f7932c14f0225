import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The outbox: webhook deliveries and their attempts. */
export class Webhooks1764000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(DELIVERIES)
    await runner.query(ATTEMPTS)
    for (const index of INDEXES) await runner.query(index)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

/*
 * No foreign key to runs, threads or assistants: a delivery outlives them (webhooks contract section 2).
 * claimed_by and attempts are the fence: a dispatcher writes only while both are its own. attempts counts the claims
 * of the delivery's whole life, cycle_attempts those since it was last queued. body is null where none could be built
 * and once it was removed.
 */
const DELIVERIES = `
CREATE TABLE webhook_deliveries (
  delivery_id uuid PRIMARY KEY,
  run_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  assistant_id uuid NOT NULL,
  url text NOT NULL,
  host_key text NOT NULL,
  body bytea,
  run_status text NOT NULL,
  thread_status text NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'delivering', 'delivered', 'dead', 'cancelled')),
  attempts integer NOT NULL DEFAULT 0,
  cycle_attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  give_up_at timestamptz NOT NULL,
  claimed_by text,
  lease_until timestamptz,
  last_error_code text,
  last_http_status integer,
  created_at timestamptz NOT NULL,
  run_ended_at timestamptz NOT NULL,
  settled_at timestamptz
)`

const ATTEMPTS = `
CREATE TABLE webhook_attempts (
  delivery_id uuid NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
  attempt integer NOT NULL,
  started_at timestamptz NOT NULL,
  duration_ms integer NOT NULL,
  http_status integer,
  error_code text,
  response_body text,
  PRIMARY KEY (delivery_id, attempt)
)`

const INDEXES = [
  `CREATE INDEX webhook_deliveries_due_by_host ON webhook_deliveries (host_key, next_attempt_at, delivery_id)
    WHERE status = 'pending'`,
  `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at, delivery_id) WHERE status = 'pending'`,
  `CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (lease_until) WHERE status = 'delivering'`,
  `CREATE INDEX webhook_deliveries_of_run ON webhook_deliveries (run_id)`,
  `CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (created_at DESC, delivery_id DESC)`,
  `CREATE INDEX webhook_deliveries_of_host ON webhook_deliveries (host_key, created_at DESC)`,
]
