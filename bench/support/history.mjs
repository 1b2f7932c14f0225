// A past: finished runs on threads and their webhooks, written by SQL while no server is there.
import { addDelivered, withPool } from './databases.mjs'

const BATCH = 20_000
const RUNS_OF_A_THREAD = 4

/**
 * Fills a database in which a server has executed one run: those of the past are stored as that one was.
 * @param {any} database
 * @param {number} count of runs, and of deliveries
 */
export async function fillHistory(database, count) {
  await withPool(database, async (pool) => {
    const { rows } = await pool.query('SELECT kwargs FROM runs')
    for (let from = 0; from < count; from += BATCH) {
      const runs = Math.min(BATCH, count - from)
      await pool.query(THREADS_WITH_RUNS, [Math.ceil(runs / RUNS_OF_A_THREAD), RUNS_OF_A_THREAD, rows[0].kwargs])
    }
    const url = 'http://history.invalid/hook'
    await addDelivered(pool, { count, url, hostKey: new URL(url).origin, bodyBytes: 800 })
    for (const table of ['threads', 'runs', 'webhook_deliveries', 'webhook_attempts']) {
      await pool.query(`VACUUM (ANALYZE) ${table}`)
    }
  })
}

/** Threads of the past two weeks, each with runs of the two-node graph that ended well. */
const THREADS_WITH_RUNS = `
WITH thread AS (
  INSERT INTO threads (thread_id, metadata, "values", created_at, updated_at, state_updated_at)
  SELECT gen_random_uuid(), '{"graph_id": "two-nodes"}',
    '{"messages": [{"type": "human", "content": "Hello!"}, {"type": "ai", "content": "You said: Hello!"}]}', at, at, at
  FROM (SELECT now() - random() * interval '14 days' AS at FROM generate_series(1, $1::integer)) AS past
  RETURNING thread_id, created_at
), assistant AS (SELECT assistant_id FROM assistants WHERE graph_id = 'two-nodes' LIMIT 1)
INSERT INTO runs (run_id, thread_id, assistant_id, status, metadata, kwargs, multitask_strategy, attempt, created_at,
  updated_at, started_at, ended_at)
SELECT gen_random_uuid(), thread_id, assistant_id, 'success', '{"graph_id": "two-nodes"}',
  $3::jsonb, 'enqueue', 1,
  created_at + n * interval '1 s', created_at + n * interval '1 s', created_at + n * interval '1 s',
  created_at + n * interval '1 s'
FROM thread, assistant, generate_series(1, $2::integer) AS n`
