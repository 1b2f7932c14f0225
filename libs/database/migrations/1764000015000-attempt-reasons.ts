import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Why the target of an attempt was refused: told to administrators beside the code. */
export class AttemptReasons1764000015000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhook_attempts ADD COLUMN reason text')
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}
