import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What several processes on one database must know of each other: who they are together, and what a run's answer was. */
export class SeveralProcesses1764000017000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [INSTALLATION, IDENTITY, RESULTS, EXPIRY]) await runner.query(statement)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

/* One row. id: what this installation's keys in a shared Redis begin with. */
const INSTALLATION = `
CREATE TABLE installation (only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one), id uuid NOT NULL)`

const IDENTITY = `INSERT INTO installation (id) VALUES (gen_random_uuid())`

/*
 * The answers of wait and join, for processes that did not execute the run: the thread goes on, and a stateless run's rows
 * are gone with its end. Written with the run's end where there may be several processes, removed soon after.
 */
const RESULTS = `
CREATE TABLE run_results (
  run_id uuid PRIMARY KEY,
  thread_id uuid NOT NULL,
  temporary boolean NOT NULL,
  thread_metadata jsonb NOT NULL,
  result text NOT NULL,
  expires_at timestamptz NOT NULL
)`

const EXPIRY = `CREATE INDEX run_results_expiry ON run_results (expires_at)`
