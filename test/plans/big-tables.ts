import { createHash } from 'node:crypto'
import type { Pool } from 'pg'
import { STAND_IN_FOR_VECTORS } from '../support/vector-stand-in.js'

/** How many rows each table gets that grows without end. */
export const ROWS = 200_000

/** Time goes on from here; the rows lie before and after it. */
export const NOW = new Date('2026-01-01T00:00:00.000Z')

/** The id of the nth row of a table, as the statements below make it. */
export function idOf(table: string, n: number): string {
  const hex = createHash('md5').update(`${table}${n}`).digest('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const SERIES = `FROM generate_series(1, ${ROWS}) n`
const id = (table: string, n = 'n') => `md5('${table}' || ${n})::uuid`

/** Row n was made so long ago, in an order that is not that of the ids; many share their second. */
const CREATED = `timestamptz '2026-01-01' - (${ROWS} - n) / 20 * interval '1 minute'`

const ASSISTANTS = `
INSERT INTO assistants (assistant_id, graph_id, name, metadata, created_at, updated_at)
SELECT ${id('assistant')}, 'g' || n % 500, 'assistant ' || n, jsonb_build_object('n', n, 'owner', 'u' || n % 1000),
  ${CREATED}, ${CREATED} ${SERIES}`

const VERSIONS = `
INSERT INTO assistant_versions (assistant_id, version, graph_id, name, config, context, metadata, created_at)
SELECT ${id('assistant')}, 1, 'g' || n % 500, 'assistant ' || n, '{}', '{}', jsonb_build_object('n', n), ${CREATED} ${SERIES}`

/** Most are idle; few are busy; half have a lifetime, of which a hundredth is over. */
const THREADS = `
INSERT INTO threads (thread_id, status, metadata, "values", temporary, ttl_minutes, ttl_strategy, expires_at, created_at,
  updated_at, state_updated_at)
SELECT ${id('thread')}, CASE WHEN n % 20 = 0 THEN 'interrupted' WHEN n % 20 = 1 THEN 'error' WHEN n % 100 = 2 THEN 'busy'
    ELSE 'idle' END,
  jsonb_build_object('n', n, 'owner', 'u' || n % 1000, 'tags', jsonb_build_array('t' || n % 7, 's' || n % 1000),
    'graph_id', 'g' || n % 500, 'assistant_id', ${id('assistant')}),
  jsonb_build_object('n', n, 'topic', 'about ' || n % 1000), n % 10 = 3, life.minutes, life.strategy, life.over,
  ${CREATED}, ${CREATED} + n % 997 * interval '1 minute', ${CREATED} + n % 991 * interval '1 minute'
FROM generate_series(1, ${ROWS}) n
LEFT JOIN LATERAL (SELECT 60 AS minutes, 'delete' AS strategy,
  timestamptz '2026-01-01' + (n - ${ROWS / 100}) * interval '1 minute' AS over WHERE n % 2 = 0) AS life ON true`

/** Almost all have ended; a fortieth waits, of which most are due; a two-hundredth is being executed. */
const RUNS = `
INSERT INTO runs (run_id, thread_id, assistant_id, status, metadata, kwargs, multitask_strategy, attempt, claimed_by,
  lease_until, created_at, updated_at, started_at, ended_at)
SELECT ${id('run')}, ${id('thread')}, ${id('assistant')}, state, jsonb_build_object('n', n), '{}', 'enqueue', 1,
  CASE WHEN state = 'running' THEN 'worker ' || n % 4 END,
  CASE WHEN state = 'running' THEN timestamptz '2026-01-01' + n % 60 * interval '1 second' END,
  ${CREATED}, ${CREATED}, ${CREATED}, CASE WHEN state NOT IN ('pending', 'running') THEN ${CREATED} END
FROM (SELECT n, CASE WHEN n % 40 = 0 THEN 'pending' WHEN n % 200 = 1 THEN 'running' WHEN n % 20 = 2 THEN 'error'
  ELSE 'success' END AS state ${SERIES}) AS run`

/** The answers of runs that have just ended; half of them are to go. */
const RESULTS = `
INSERT INTO run_results (run_id, thread_id, temporary, thread_metadata, result, expires_at)
SELECT ${id('run')}, ${id('thread')}, n % 2 = 0, '{}', '{}',
  timestamptz '2026-01-01' + (n - ${ROWS / 2}) * interval '1 second' ${SERIES}`

const JOURNAL = `
INSERT INTO checkpoint_write_journal (run_id, thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel)
SELECT ${id('run')}, ${id('thread')}, '', 'c' || n, 'task', 0, 'channel' ${SERIES}`

/** A quarter is due; half stand on a thread. */
const CRONS = `
INSERT INTO crons (cron_id, assistant_id, thread_id, schedule, end_time, next_run_date, enabled, on_run_completed, payload,
  metadata, created_at, updated_at)
SELECT ${id('cron')}, ${id('assistant', 'n % 1000')}, CASE WHEN n % 2 = 0 THEN ${id('thread')} END, '* * * * *',
  CASE WHEN n % 5 = 0 THEN timestamptz '2030-01-01' + n * interval '1 second' END,
  CASE WHEN n % 7 > 0 THEN timestamptz '2026-01-01' + (n - ${ROWS / 4}) * interval '1 second' END, n % 3 > 0,
  CASE WHEN n % 2 = 1 THEN 'delete' END, '{}', jsonb_build_object('n', n, 'owner', 'u' || n % 1000), ${CREATED},
  ${CREATED} ${SERIES}`

const ITEMS = `
INSERT INTO store_items (namespace, key, value, ttl_minutes, expires_at, created_at, updated_at)
SELECT 'users.u' || n % 1000 || '.', 'k' || n, jsonb_build_object('n', n, 'topic', 'about ' || n % 1000),
  CASE WHEN n % 2 = 0 THEN 60 END,
  CASE WHEN n % 2 = 0 THEN timestamptz '2026-01-01' + (n - ${ROWS / 100}) * interval '1 minute' END, ${CREATED},
  ${CREATED} ${SERIES}`

const VECTORS = `
INSERT INTO store_vectors (namespace, key, position, item_updated_at, embedding)
SELECT namespace, key, 0, updated_at, '101' FROM store_items`

/** Almost all have arrived, the older half without bodies; a twentieth waits; some are dead, cancelled or under way. */
const DELIVERIES = `
INSERT INTO webhook_deliveries (delivery_id, run_id, thread_id, assistant_id, url, host_key, body, run_status,
  thread_status, status, attempts, cycle_attempts, next_attempt_at, give_up_at, claimed_by, lease_until, created_at,
  run_ended_at, settled_at)
SELECT ${id('delivery')}, ${id('run')}, ${id('thread')}, ${id('assistant')}, 'https://h' || n % 50 || '.example/in',
  'https://h' || n % 50 || '.example:443',
  CASE WHEN state IN ('pending', 'delivering') OR n > ${ROWS / 2} THEN '{}'::bytea END, 'success', 'idle', state, n % 3,
  n % 3, CASE WHEN state = 'pending' THEN timestamptz '2026-01-01' + n % 600 * interval '1 second' - interval '5 minutes' END,
  ${CREATED} + interval '1 day', CASE WHEN state = 'delivering' THEN 'worker ' || n % 4 END,
  CASE WHEN state = 'delivering' THEN timestamptz '2026-01-01' + n % 60 * interval '1 second' END, ${CREATED}, ${CREATED},
  CASE WHEN state NOT IN ('pending', 'delivering') THEN ${CREATED} END
FROM (SELECT n, CASE WHEN n % 20 = 0 THEN 'pending' WHEN n % 200 = 1 THEN 'delivering' WHEN n % 50 = 2 THEN 'dead'
  WHEN n % 50 = 3 THEN 'cancelled' ELSE 'delivered' END AS state ${SERIES}) AS delivery`

const ATTEMPTS = `
INSERT INTO webhook_attempts (delivery_id, attempt, started_at, duration_ms, http_status)
SELECT ${id('delivery')}, 1, ${CREATED}, n % 1000, 200 ${SERIES}`

const CHANGES = `
INSERT INTO webhook_settings_changes (disabled, changed_at) SELECT n % 2 = 0, ${CREATED} ${SERIES}`

const BREAKERS = `
INSERT INTO webhook_breakers (host_key, opened_at, probe_at, delay_ms)
SELECT 'https://h' || n || '.example:443', now(), timestamptz '2026-01-01' + n * interval '1 second', 1000
FROM generate_series(1, 10) n`

/** Four checkpoints to a thread. */
const CHECKPOINTS = `
INSERT INTO langgraph.checkpoints (thread_id, checkpoint_ns, checkpoint_id, checkpoint, metadata)
SELECT ${id('thread', 'n / 4')}::text, '', 'c' || n, '{"channel_versions": {"messages": "1"}}',
  jsonb_build_object('run_id', ${id('run')}) ${SERIES}`

const BLOBS = `
INSERT INTO langgraph.checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob)
SELECT ${id('thread', 'n / 4')}::text, '', 'messages', n, 'json', '[]' ${SERIES}`

const WRITES = `
INSERT INTO langgraph.checkpoint_writes (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob)
SELECT ${id('thread', 'n / 4')}::text, '', 'c' || n, 'task', 0, 'messages', 'json', '[]' ${SERIES}`

const TABLE_OF_VECTORS = `
CREATE TABLE store_vectors (
  namespace text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, position integer NOT NULL,
  item_updated_at timestamptz NOT NULL, embedding vector(3) NOT NULL, PRIMARY KEY (namespace, key, position),
  FOREIGN KEY (namespace, key) REFERENCES store_items ON DELETE CASCADE)`

/** Those of one list are made one after the other, both lists at a time. */
const FILL = [
  [ASSISTANTS, THREADS, RUNS, RESULTS, JOURNAL, CHECKPOINTS, BREAKERS],
  [DELIVERIES, ATTEMPTS, CRONS, ITEMS, VECTORS, VERSIONS, BLOBS, WRITES, CHANGES],
]

const INDEXES = `
SELECT indexname AS name, indexdef AS definition FROM pg_indexes
WHERE schemaname = 'public' AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)`

/** Fills every table that grows, and makes what PostgreSQL knows of them true. */
export async function fillTables(pool: Pool): Promise<void> {
  for (const statement of [...STAND_IN_FOR_VECTORS, TABLE_OF_VECTORS]) await pool.query(statement)
  // An index is made much faster than it is kept.
  const { rows: indexes } = await pool.query<{ name: string; definition: string }>(INDEXES)
  for (const { name } of indexes) await pool.query(`DROP INDEX ${name}`)
  await Promise.all(FILL.map((statements) => run(pool, statements)))
  const half = Math.ceil(indexes.length / 2)
  const definitions = indexes.map(({ definition }) => definition)
  await Promise.all([run(pool, definitions.slice(0, half)), run(pool, definitions.slice(half))])
  await pool.query('VACUUM (ANALYZE)')
}

/** Foreign keys are not looked at: the rows are made to fit. */
async function run(pool: Pool, statements: readonly string[]): Promise<void> {
  const client = await pool.connect()
  try {
    for (const setting of [`session_replication_role = replica`, `synchronous_commit = off`]) {
      await client.query(`SET ${setting}`)
    }
    for (const statement of statements) await client.query(statement)
  } finally {
    client.release(true)
  }
}
