import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Deliveries that were given up are counted by `/metrics`: without an index that reads the whole history. */
export class DeadDeliveries1764000007000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX webhook_deliveries_dead ON webhook_deliveries (created_at DESC) WHERE status = 'dead'`,
    )
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}
