import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Who made a cron, as its runs are to know it; never shown. Crons that were there before are nobody's. */
export class CronCreators1764000013000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE crons ADD COLUMN creator jsonb')
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}
