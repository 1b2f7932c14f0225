import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What runs changed on checkpoints that were there before them, and the wish to delete a running run. */
export class WriteJournal1764000006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(JOURNAL)
    await runner.query(JOURNAL_BY_WRITE)
    await runner.query(CANCEL_ACTIONS)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

/*
 * A row of the saver's checkpoint_writes as it was before a run wrote there; channel null where there was none.
 * The saver's tables are not referred to: their rows come and go by its own rules.
 */
const JOURNAL = `
CREATE TABLE checkpoint_write_journal (
  run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
  thread_id text NOT NULL,
  checkpoint_ns text NOT NULL,
  checkpoint_id text NOT NULL,
  task_id text NOT NULL,
  idx integer NOT NULL,
  channel text,
  type text,
  blob bytea,
  entry bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (run_id, checkpoint_ns, checkpoint_id, task_id, idx)
)`

const JOURNAL_BY_WRITE = `
CREATE INDEX checkpoint_write_journal_by_write
  ON checkpoint_write_journal (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, entry)`

const CANCEL_ACTIONS = `
ALTER TABLE runs DROP CONSTRAINT runs_cancel_action_check,
  ADD CONSTRAINT runs_cancel_action_check CHECK (cancel_action IN ('interrupt', 'rollback', 'delete'))`
