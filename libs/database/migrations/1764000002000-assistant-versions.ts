import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Versions of assistants, and what finding and deleting assistants needs. */
export class AssistantVersions1764000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(VERSIONS)
    await runner.query(FIRST_VERSIONS)
    for (const index of INDEXES) await runner.query(index)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

/* The primary key serves the newest version, the highest number, and one version. */
const VERSIONS = `
CREATE TABLE assistant_versions (
  assistant_id uuid NOT NULL REFERENCES assistants ON DELETE CASCADE,
  version integer NOT NULL,
  graph_id text NOT NULL,
  name text NOT NULL,
  description text,
  config jsonb NOT NULL,
  context jsonb NOT NULL,
  metadata jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (assistant_id, version)
)`

/* Assistants that were made before there were versions. */
const FIRST_VERSIONS = `
INSERT INTO assistant_versions (assistant_id, version, graph_id, name, description, config, context, metadata, created_at)
SELECT assistant_id, version, graph_id, name, description, config, context, metadata, updated_at FROM assistants`

/* The runs of an assistant are deleted in the order of their ids, batch by batch. */
const INDEXES = [
  `DROP INDEX runs_of_assistant`,
  `CREATE INDEX runs_of_assistant ON runs (assistant_id, run_id)`,
  `CREATE INDEX assistants_of_graph ON assistants (graph_id, created_at DESC, assistant_id)`,
  `CREATE INDEX assistants_updated ON assistants (updated_at DESC, assistant_id)`,
  `CREATE INDEX runs_active_of_assistant ON runs (assistant_id, thread_id) WHERE status IN ('pending', 'running')`,
]
