import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The lifetime of threads. */
export class ThreadTtl1764000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COLUMNS)
    await runner.query(INDEX)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

/* All three are null for a thread that lives for ever. From expires_at on the sweep does what ttl_strategy says. */
const COLUMNS = `
ALTER TABLE threads
  ADD COLUMN ttl_minutes double precision,
  ADD COLUMN ttl_strategy text CHECK (ttl_strategy IN ('delete', 'keep_latest')),
  ADD COLUMN expires_at timestamptz,
  ADD CHECK (num_nulls(ttl_minutes, ttl_strategy, expires_at) IN (0, 3))`

const INDEX = `CREATE INDEX threads_expiring ON threads (expires_at, thread_id) WHERE expires_at IS NOT NULL`
