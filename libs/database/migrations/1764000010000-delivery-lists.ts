import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Administrators list deliveries by thread and by the rarest state: without indexes that reads the whole history. */
export class DeliveryLists1764000010000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX webhook_deliveries_of_thread ON webhook_deliveries (thread_id)`)
    await runner.query(
      `CREATE INDEX webhook_deliveries_cancelled ON webhook_deliveries (created_at DESC) WHERE status = 'cancelled'`,
    )
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}
