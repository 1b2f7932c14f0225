import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Lists in the orders that clients ask for, and threads by their state: without indexes each reads its whole table. */
export class ListOrders1764000016000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...STATE_TIMES, ...THREADS, ...OTHERS]) await runner.query(statement)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

/* Every thread has one; only a column without nulls is read along one index in both directions. */
const STATE_TIMES = [
  `UPDATE threads SET state_updated_at = created_at WHERE state_updated_at IS NULL`,
  `ALTER TABLE threads ALTER COLUMN state_updated_at SET NOT NULL`,
]

/*
 * Temporary threads are in no list. The times and the status change with every run, which no longer updates its thread in
 * place (HOT): measured, and worth it (docs/decisions/0022).
 */
const THREADS = [
  `DROP INDEX threads_newest`,
  `CREATE INDEX threads_newest ON threads (created_at DESC, thread_id) WHERE NOT temporary`,
  `CREATE INDEX threads_updated ON threads (updated_at DESC, thread_id) WHERE NOT temporary`,
  `CREATE INDEX threads_state_updated ON threads (state_updated_at DESC, thread_id) WHERE NOT temporary`,
  `CREATE INDEX threads_of_status ON threads (status, thread_id) WHERE NOT temporary`,
]

const OTHERS = [
  `CREATE INDEX assistants_by_name ON assistants (name, assistant_id)`,
  `CREATE INDEX crons_updated ON crons (updated_at DESC, cron_id)`,
]
