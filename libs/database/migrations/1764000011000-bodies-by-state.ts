import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * The retention sweep empties bodies of the dead later than others: along one index for both it walked over all that is
 * dead and not yet due, once a minute.
 */
export class BodiesByState1764000011000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX webhook_deliveries_bodies`)
    await runner.query(
      `CREATE INDEX webhook_deliveries_settled_bodies ON webhook_deliveries (settled_at)
       WHERE status IN ('delivered', 'cancelled') AND body IS NOT NULL`,
    )
    await runner.query(
      `CREATE INDEX webhook_deliveries_dead_bodies ON webhook_deliveries (settled_at)
       WHERE status = 'dead' AND body IS NOT NULL`,
    )
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}
