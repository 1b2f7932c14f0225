import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Crons: schedules that make runs. */
export class Crons1764000012000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CRONS)
    for (const index of INDEXES) await runner.query(index)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

/*
 * A cron goes with its thread and its assistant, whoever deletes them. next_run_date is the occurrence that is to be
 * fired next: moving it on is what makes a firing count. Null when none is left before end_time.
 */
const CRONS = `
CREATE TABLE crons (
  cron_id uuid PRIMARY KEY,
  assistant_id uuid NOT NULL REFERENCES assistants ON DELETE CASCADE,
  thread_id uuid REFERENCES threads ON DELETE CASCADE,
  schedule text NOT NULL,
  timezone text,
  end_time timestamptz,
  next_run_date timestamptz,
  enabled boolean NOT NULL,
  disabled_reason text,
  on_run_completed text CHECK (on_run_completed IN ('delete', 'keep')),
  payload jsonb NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  user_id text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK ((thread_id IS NULL) = (on_run_completed IS NOT NULL))
)`

const INDEXES = [
  `CREATE INDEX crons_due ON crons (next_run_date, cron_id) WHERE enabled AND next_run_date IS NOT NULL`,
  `CREATE INDEX crons_newest ON crons (created_at DESC, cron_id)`,
  `CREATE INDEX crons_of_assistant ON crons (assistant_id)`,
  `CREATE INDEX crons_of_thread ON crons (thread_id) WHERE thread_id IS NOT NULL`,
  `CREATE INDEX crons_metadata ON crons USING gin (metadata jsonb_path_ops)`,
]
