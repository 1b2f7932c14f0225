import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Open breakers of webhook hosts, a row each: nothing of the host is claimed before probe_at, delay_ms is the wait that
 * led there. And what is past its last moment is found without reading all that waits.
 */
export class WebhookBreakers1764000009000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(BREAKERS)
    await runner.query(GIVE_UP)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

const BREAKERS = `
CREATE TABLE webhook_breakers (
  host_key text PRIMARY KEY,
  opened_at timestamptz NOT NULL,
  probe_at timestamptz NOT NULL,
  delay_ms integer NOT NULL
)`

const GIVE_UP = `CREATE INDEX webhook_deliveries_give_up ON webhook_deliveries (give_up_at) WHERE status = 'pending'`
