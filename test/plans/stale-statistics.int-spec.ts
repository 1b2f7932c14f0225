import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QueryResult, Transaction } from '#database'
import { openTestDatabase, TEST_DATABASE, type TestDatabase } from '#testing'
import { RunMetricsRepository } from '../../libs/runs/run-metrics.repository.js'
import { RunQueueRepository } from '../../libs/runs/run-queue.repository.js'
import { RunsRepository } from '../../libs/runs/runs.repository.js'
import { WebhooksRepository } from '../../libs/webhooks/webhooks.repository.js'
import { idOf, NOW } from './big-tables.js'
import { inUndone } from './generic-plans.js'

const PAST = 20_000
const WAITING = 2_000
/** Of them on one thread, before all others: one is due, the rest stand behind it. */
const BEHIND = 100
/** What a claim of ten may look at: what stands behind others at the head of the queue, and a little for each of the ten. */
const MOST_ROWS = 1_000

const ASSISTANT = `
INSERT INTO assistants (assistant_id, graph_id, name, created_at, updated_at) VALUES (md5('a')::uuid, 'g', 'g', $1, $1)`
const THREADS = `
INSERT INTO threads (thread_id, created_at, updated_at, state_updated_at)
SELECT md5('t' || n)::uuid, $1::timestamptz, $1, $1 FROM generate_series(1, ${PAST}) n`
const ENDED = `
INSERT INTO runs (run_id, thread_id, assistant_id, status, metadata, kwargs, multitask_strategy, created_at, updated_at)
SELECT md5('r' || n)::uuid, md5('t' || n)::uuid, md5('a')::uuid, 'success', '{}', '{}', 'enqueue', $1::timestamptz, $1
FROM generate_series(1, ${PAST}) n`
const PENDING = `
INSERT INTO runs (run_id, thread_id, assistant_id, status, metadata, kwargs, multitask_strategy, created_at, updated_at)
SELECT md5('w' || n)::uuid, md5('t' || greatest(n, ${BEHIND}))::uuid, md5('a')::uuid, 'pending', '{}', '{}', 'enqueue',
  $1::timestamptz - interval '1 hour' + n * interval '1 ms', $1 FROM generate_series(1, ${WAITING}) n`
const RUNNING = `
INSERT INTO runs (run_id, thread_id, assistant_id, status, metadata, kwargs, multitask_strategy, attempt, claimed_by,
  lease_until, created_at, updated_at)
SELECT md5('x' || n)::uuid, md5('t' || ${WAITING} + n)::uuid, md5('a')::uuid, 'running', '{}', '{}', 'enqueue', 1, 'w',
  $1::timestamptz, $1, $1 FROM generate_series(1, ${WAITING}) n`
const DELIVERIES = (state: string, count: number) => `
INSERT INTO webhook_deliveries (delivery_id, run_id, thread_id, assistant_id, url, host_key, body, run_status,
  thread_status, status, next_attempt_at, give_up_at, created_at, run_ended_at, settled_at)
SELECT md5('${state}' || n)::uuid, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'https://h.example/in',
  'https://h.example:443', '{}', 'success', 'idle', '${state}', CASE WHEN '${state}' = 'pending' THEN $1::timestamptz END,
  $1::timestamptz + interval '1 day', $1, $1, CASE WHEN '${state}' = 'delivered' THEN $1::timestamptz END
FROM generate_series(1, ${count}) n`

/** The ids of one of each. */
const RUNS = { pending: idOf('w', 7), running: idOf('x', 7) }

/** A node of a plan that was run. */
interface RunNode {
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Join Filter'?: number
  readonly Plans?: readonly RunNode[]
}

const SKIPPED = 'plans are looked at on PostgreSQL only: set SIGNALBOX_TEST_DATABASE=postgres'
const title = 'a queue that has filled since the tables were analysed'

// A million finished rows are analysed once in days, and mostly while nobody waits: to the planner the queue is empty then,
// and every index of it costs the same.
describe.skipIf(TEST_DATABASE !== 'postgres')(TEST_DATABASE === 'postgres' ? title : `${title} (${SKIPPED})`, () => {
  let db: TestDatabase

  beforeAll(async () => {
    db = await openTestDatabase()
    for (const sql of [ASSISTANT, THREADS, ENDED, DELIVERIES('delivered', PAST)]) await db.pool.query(sql, [NOW])
    for (const table of ['runs', 'webhook_deliveries']) await db.pool.query(`VACUUM ANALYZE ${table}`)
    for (const sql of [PENDING, RUNNING]) await db.pool.query(sql, [NOW])
    await db.pool.query(DELIVERIES('pending', WAITING), [NOW])
  })
  afterAll(() => db.close())

  /** How many rows the statements of the work look at, by the plan that is kept; nothing of it stays. */
  function rowsOf(work: (q: Transaction) => unknown): Promise<number> {
    return inUndone(db.pool, async (client) => {
      let rows = 0
      const query = async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult<Row>> => {
        await client.query(`PREPARE kept AS ${sql}`)
        const values = parameters.map((value) => client.escapeLiteral(textOf(value))).join(', ')
        const execute = `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE kept${values && `(${values})`}`
        const answer = await client.query<{ 'QUERY PLAN': readonly [{ readonly Plan: RunNode }] }>(execute)
        rows += lookedAt(answer.rows[0]!['QUERY PLAN'][0].Plan)
        await client.query('DEALLOCATE kept')
        return { rows: [], affected: 0 }
      }
      const sent: Promise<unknown>[] = []
      const send = (...statement: Parameters<typeof query>) => void sent.push(query(...statement))
      await client.query('SET LOCAL plan_cache_mode = force_generic_plan')
      await work({ query, send } as unknown as Transaction)
      await Promise.all(sent)
      return rows
    })
  }

  const leaseUntil = new Date(NOW.getTime() + 60_000)
  const ground = { now: NOW, workerId: 'w', leaseUntil, limit: 10, perHost: 10, after: '', known: [] }

  it('is claimed from at the price of what is claimed', async () => {
    const queue = new RunQueueRepository()
    expect(await rowsOf((q) => queue.claimDue(q, 'w', 10, { now: NOW, leaseUntil }))).toBeLessThan(MOST_ROWS)
  })

  it.each<[string, (q: Transaction) => unknown]>([
    [
      'locked to be ended',
      (q) => new RunQueueRepository().lockClaimed(q, { runId: RUNS.running, workerId: 'w', attempt: 1 }),
    ],
    ['locked to be cancelled', (q) => new RunQueueRepository().lockPending(q, RUNS.pending)],
    ['wished to stop', (q) => new RunsRepository().wishStop(q, RUNS.running, 'interrupt')],
    ['renewed', (q) => new RunQueueRepository().renew(q, 'w', [RUNS.running], leaseUntil)],
    ['asked about', (q) => new RunsRepository().underWay(q, [RUNS.running, RUNS.pending])],
    ['ended', (q) => new RunQueueRepository().end(q, RUNS.running, { status: 'success', error: null, now: NOW })],
  ])('has a run of it %s at the price of that run', async (_what, work) => {
    expect(await rowsOf(work)).toBeLessThan(20)
  })

  it('tells its oldest run that could start at the price of one pass over what waits', async () => {
    const metrics = new RunMetricsRepository()
    expect(await rowsOf((q) => metrics.read(q, NOW))).toBeLessThan(10 * WAITING)
  })

  it('gives its webhooks at the price of what is claimed', async () => {
    const outbox = new WebhooksRepository()
    expect(await rowsOf((q) => outbox.claim(q, ground))).toBeLessThan(MOST_ROWS)
  })
})

function lookedAt(node: RunNode): number {
  const { 'Rows Removed by Filter': filtered = 0, 'Rows Removed by Join Filter': unjoined = 0, Plans = [] } = node
  const own = (node['Actual Rows'] + filtered + unjoined) * node['Actual Loops']
  return Plans.reduce((sum, inner) => sum + lookedAt(inner), own)
}

/** A parameter as SQL text: the pool's own form is for the wire. */
function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return `{${value.join(',')}}`
  return String(value)
}
