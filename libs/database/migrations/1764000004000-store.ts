import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The store: items kept across threads. Their vectors have a table of their own, made only where it is asked for. */
export class Store1764000004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ITEMS)
    for (const index of INDEXES) await runner.query(index)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

/*
 * namespace is the path of labels, each with a dot behind it, so that a prefix of it is a range of the primary key.
 * An item whose expires_at has passed counts as gone; a sweep removes it. ttl_minutes begins anew with a read.
 */
const ITEMS = `
CREATE TABLE store_items (
  namespace text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  value jsonb NOT NULL,
  ttl_minutes double precision,
  expires_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (namespace, key)
)`

const INDEXES = [
  `CREATE INDEX store_items_newest ON store_items (updated_at DESC, namespace, key)`,
  `CREATE INDEX store_items_value ON store_items USING gin (value jsonb_path_ops)`,
  `CREATE INDEX store_items_expired ON store_items (expires_at) WHERE expires_at IS NOT NULL`,
]
