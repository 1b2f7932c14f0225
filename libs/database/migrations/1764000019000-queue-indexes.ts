import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * One index for each question about what waits, and no other index that could answer it. While the statistics say that
 * nothing waits (a million finished rows are analysed once in days), all of them cost the same to the planner, and it took
 * whichever was there: a claim read the whole queue for each run of it. `IS NOT NULL` and `attempts >= 0` hold of every row;
 * they keep an index to statements that name the column.
 */
export class QueueIndexes1764000019000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

const STATEMENTS = [
  'DROP INDEX runs_waiting_on_thread',
  'DROP INDEX runs_leased',
  'DROP INDEX runs_active_of_assistant',
  `CREATE INDEX runs_active_on_thread ON runs (thread_id, created_at, run_id)
   WHERE status IN ('pending', 'running') AND thread_id IS NOT NULL`,
  `CREATE INDEX runs_active_of_assistant ON runs (assistant_id, thread_id)
   WHERE status IN ('pending', 'running') AND assistant_id IS NOT NULL`,
  'DROP INDEX webhook_deliveries_due',
  'DROP INDEX webhook_deliveries_give_up',
  `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at, delivery_id)
   WHERE status = 'pending' AND attempts >= 0`,
  `CREATE INDEX webhook_deliveries_give_up ON webhook_deliveries (give_up_at)
   WHERE status = 'pending' AND give_up_at IS NOT NULL`,
]
