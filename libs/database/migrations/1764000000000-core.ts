import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Assistants, threads and runs. */
export class Core1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ASSISTANTS)
    await runner.query(THREADS)
    await runner.query(RUNS)
    for (const index of INDEXES) await runner.query(index)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

const ASSISTANTS = `
CREATE TABLE assistants (
  assistant_id uuid PRIMARY KEY,
  graph_id text NOT NULL,
  name text NOT NULL,
  description text,
  config jsonb NOT NULL DEFAULT '{}',
  context jsonb NOT NULL DEFAULT '{}',
  metadata jsonb NOT NULL DEFAULT '{}',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
)`

/* settled_status is what status was when the last run settled: what a cancelled or rolled back run returns it to. */
const THREADS = `
CREATE TABLE threads (
  thread_id uuid PRIMARY KEY,
  status text NOT NULL DEFAULT 'idle' CHECK (status IN ('idle', 'busy', 'interrupted', 'error')),
  settled_status text NOT NULL DEFAULT 'idle' CHECK (settled_status IN ('idle', 'interrupted', 'error')),
  metadata jsonb NOT NULL DEFAULT '{}',
  config jsonb NOT NULL DEFAULT '{}',
  "values" jsonb,
  interrupts jsonb NOT NULL DEFAULT '{}',
  error jsonb,
  temporary boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  state_updated_at timestamptz
)`

/*
 * created_at is the scheduled start of a delayed run (contract 2.3); a run is due once it has passed.
 * claimed_by, lease_until and attempt are the fence: a worker writes only while all three are its own.
 * cancel_action is the wish, stored before anybody is signalled.
 * attempt counts claims and never falls; handed_back is how many of them ended by a shutdown and do not count.
 * injected is what the request's headers put into config.configurable, kept apart so that answers never show it.
 */
const RUNS = `
CREATE TABLE runs (
  run_id uuid PRIMARY KEY,
  thread_id uuid NOT NULL REFERENCES threads ON DELETE CASCADE,
  assistant_id uuid NOT NULL REFERENCES assistants ON DELETE CASCADE,
  status text NOT NULL CHECK (status IN ('pending', 'running', 'success', 'error', 'timeout', 'interrupted')),
  metadata jsonb NOT NULL DEFAULT '{}',
  kwargs jsonb NOT NULL,
  injected jsonb NOT NULL DEFAULT '{}',
  multitask_strategy text NOT NULL,
  webhook text,
  temporary boolean NOT NULL DEFAULT false,
  attempt integer NOT NULL DEFAULT 0,
  handed_back integer NOT NULL DEFAULT 0,
  claimed_by text,
  lease_until timestamptz,
  cancel_action text CHECK (cancel_action IN ('interrupt', 'rollback')),
  error jsonb,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  started_at timestamptz,
  ended_at timestamptz
)`

const INDEXES = [
  `CREATE INDEX assistants_newest ON assistants (created_at DESC, assistant_id)`,
  `CREATE INDEX assistants_metadata ON assistants USING gin (metadata jsonb_path_ops)`,
  `CREATE INDEX threads_newest ON threads (created_at DESC, thread_id)`,
  `CREATE INDEX threads_metadata ON threads USING gin (metadata jsonb_path_ops)`,
  `CREATE UNIQUE INDEX runs_one_running ON runs (thread_id) WHERE status = 'running'`,
  `CREATE INDEX runs_due ON runs (created_at, run_id) WHERE status = 'pending'`,
  `CREATE INDEX runs_waiting_on_thread ON runs (thread_id, created_at, run_id) WHERE status = 'pending'`,
  `CREATE INDEX runs_leased ON runs (lease_until) WHERE status = 'running'`,
  `CREATE INDEX runs_newest_of_thread ON runs (thread_id, created_at DESC, run_id DESC)`,
  `CREATE INDEX runs_of_assistant ON runs (assistant_id)`,
]
