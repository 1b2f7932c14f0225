import { Client } from 'pg'
import { openPool } from '#database'
import { JsonLogger } from '#kernel'
import type { TestDatabaseSettings } from '#testing'

/** One delivery as its row says. */
export interface DeliveryRecord {
  readonly deliveryId: string
  readonly runId: string
  readonly runStatus: string
  readonly status: string
  readonly attempts: number
  readonly body: Buffer | null
}

/** What the tables hold once a server has stopped. */
export interface OutboxAudit {
  readonly deliveries: readonly DeliveryRecord[]
  readonly runIds: ReadonlySet<string>
  /** Rows that contradict a promise, by the promise; all empty when it holds. */
  readonly broken: Readonly<Record<string, readonly unknown[]>>
}

/** Each finds the rows that break a promise. */
const PROMISES: Readonly<Record<string, string>> = {
  'every run has ended': `SELECT run_id, status, claimed_by FROM runs WHERE status IN ('pending', 'running')`,
  'every ended run with a webhook has exactly one delivery': `
    SELECT run_id, (SELECT count(*)::int FROM webhook_deliveries AS d WHERE d.run_id = runs.run_id) AS deliveries
    FROM runs WHERE webhook IS NOT NULL AND status NOT IN ('pending', 'running')
      AND (SELECT count(*) FROM webhook_deliveries AS d WHERE d.run_id = runs.run_id) <> 1`,
  'no run has two deliveries': `SELECT run_id FROM webhook_deliveries GROUP BY run_id HAVING count(*) > 1`,
  'every delivery is delivered': `
    SELECT delivery_id, status, attempts, claimed_by, lease_until, next_attempt_at, last_error_code
    FROM webhook_deliveries WHERE status <> 'delivered' OR claimed_by IS NOT NULL OR next_attempt_at IS NOT NULL`,
  'a delivered one has the attempt that was answered with success': `
    SELECT delivery_id, attempts, last_http_status FROM webhook_deliveries AS d
    WHERE last_http_status IS DISTINCT FROM 200 OR NOT EXISTS (
      SELECT FROM webhook_attempts AS a
      WHERE a.delivery_id = d.delivery_id AND a.attempt = d.attempts AND a.http_status = 200)`,
  'the delivery, its body and the run tell the same end': `
    SELECT d.run_id, d.run_status, runs.status FROM webhook_deliveries AS d LEFT JOIN runs USING (run_id)
    WHERE d.run_status <> coalesce(runs.status, d.run_status) OR d.run_status NOT IN ('success', 'error', 'interrupted', 'rollback')
      OR convert_from(d.body, 'UTF8')::jsonb ->> 'status' <> d.run_status
      OR convert_from(d.body, 'UTF8')::jsonb ->> 'run_id' <> d.run_id::text`,
  'no thread is busy without a run': `SELECT thread_id FROM threads WHERE status = 'busy'`,
  'a thread is as its last run has left it': `
    SELECT thread_id, threads.status, last.thread_status, last.run_id FROM threads CROSS JOIN LATERAL (
      SELECT thread_status, run_id FROM webhook_deliveries AS d WHERE d.thread_id = threads.thread_id
      ORDER BY run_ended_at DESC LIMIT 1) AS last
    WHERE threads.status <> last.thread_status AND NOT EXISTS (
      SELECT FROM webhook_deliveries AS d LEFT JOIN runs USING (run_id)
      WHERE d.thread_id = threads.thread_id AND runs.run_id IS NULL AND d.run_status <> 'rollback')`,
  'no temporary thread is left': `SELECT thread_id FROM threads WHERE temporary`,
}

/** Reads the tables of a server that has stopped. */
export async function auditOutbox(settings: TestDatabaseSettings['settings']): Promise<OutboxAudit> {
  const pool = await openPool(settings, JsonLogger.create('silent'), { isShared: true })
  try {
    const { rows: deliveries } = await pool.query<DeliveryRecord>(
      `SELECT delivery_id AS "deliveryId", run_id AS "runId", run_status AS "runStatus", status, attempts, body
       FROM webhook_deliveries`,
    )
    const { rows: runs } = await pool.query<{ run_id: string }>('SELECT run_id FROM runs')
    const broken: Record<string, unknown[]> = {}
    for (const [promise, statement] of Object.entries(PROMISES)) broken[promise] = (await pool.query(statement)).rows
    return { deliveries, runIds: new Set(runs.map(({ run_id }) => run_id)), broken }
  } finally {
    await pool.end()
  }
}

/**
 * Runs and deliveries that still have a way to go, by the tables of a server that is at work on PostgreSQL: a claim whose
 * answer was lost shows nowhere else.
 */
export async function unsettled(settings: TestDatabaseSettings['settings']): Promise<number> {
  const client = new Client({ connectionString: settings.kind === 'postgres' ? settings.uri : '' })
  await client.connect()
  try {
    const { rows } = await client.query<{ count: number }>(
      `SELECT (SELECT count(*) FROM webhook_deliveries WHERE status <> 'delivered')::integer
         + (SELECT count(*) FROM runs WHERE status IN ('pending', 'running'))::integer AS count`,
    )
    return rows[0]?.count ?? NaN
  } finally {
    await client.end()
  }
}

/** What `broken` is when every promise holds. */
export const NOTHING_BROKEN = Object.fromEntries(Object.keys(PROMISES).map((promise) => [promise, []]))

/** One attempt as its row says. */
export interface AttemptRecord {
  readonly attempt: number
  readonly status: number | null
}

/** The attempts of each delivery of a server that has stopped, by the webhook's text. */
export async function attemptsByUrl(
  settings: TestDatabaseSettings['settings'],
): Promise<Map<string, readonly AttemptRecord[]>> {
  const pool = await openPool(settings, JsonLogger.create('silent'), { isShared: true })
  try {
    const { rows } = await pool.query<{ url: string; attempts: AttemptRecord[] }>(
      `SELECT url, json_agg(json_build_object('attempt', attempt, 'status', http_status) ORDER BY attempt) AS attempts
       FROM webhook_deliveries JOIN webhook_attempts USING (delivery_id) GROUP BY url`,
    )
    return new Map(rows.map(({ url, attempts }) => [url, attempts]))
  } finally {
    await pool.end()
  }
}
