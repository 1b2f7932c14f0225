import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Gate, openTestDatabase, type TestDatabase } from '#testing'
import { type WebhooksChange, WebhooksUnderTest } from '../webhooks.spec.support.js'
import { BATCH, MAX_BATCHES, RetentionSweeper } from './retention-sweeper.js'
import { RetentionRepository } from './retention.repository.js'
import { EMPTY_DEAD_BODIES, EMPTY_SETTLED_BODIES, REMOVE_ROWS } from './retention.sql.js'

const DAY_MS = 24 * 3_600_000
const SECOND_MS = 1_000

/** A status, and how long ago it was made and settled. */
interface Past {
  readonly status: string
  readonly settledMs: number | null
  readonly createdMs?: number
  readonly count?: number
}

describe('the retention sweep', () => {
  let db: TestDatabase
  let webhooks: WebhooksUnderTest

  beforeAll(async () => {
    db = await openTestDatabase()
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.database.query('TRUNCATE webhook_deliveries CASCADE')
  })
  afterEach(() => webhooks.stop())

  async function open(change: WebhooksChange = {}): Promise<void> {
    webhooks = await WebhooksUnderTest.create(db, change)
    await webhooks.app.init()
  }

  const sweep = () => webhooks.app.get(RetentionSweeper).sweep()

  /** Deliveries with one attempt each. */
  async function past({ status, settledMs, createdMs = settledMs ?? 0, count = 1 }: Past): Promise<void> {
    const ago = (ms: number) => new Date(webhooks.clock.now().getTime() - ms)
    await db.database.query(
      `WITH made AS (
         INSERT INTO webhook_deliveries (delivery_id, run_id, thread_id, assistant_id, url, host_key, body, run_status,
           thread_status, status, next_attempt_at, give_up_at, created_at, run_ended_at, settled_at)
         SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'http://h/', 'http://h:80',
           'body', 'success', 'idle', $1, $2, $2, $2, $2, $3 FROM generate_series(1, $4)
         RETURNING delivery_id, created_at)
       INSERT INTO webhook_attempts (delivery_id, attempt, started_at, duration_ms)
       SELECT delivery_id, 1, created_at, 1 FROM made`,
      [status, ago(createdMs), settledMs === null ? null : ago(settledMs), count],
    )
  }

  /** `delivered`, or `delivered -` where the body is gone; and how many attempts there are. */
  async function left(): Promise<{ rows: string[]; attempts: number }> {
    const { rows } = await db.database.query<{ row: string }>(
      `SELECT status || CASE WHEN body IS NULL THEN ' -' ELSE '' END AS row FROM webhook_deliveries ORDER BY 1`,
    )
    const counted = await db.database.query<{ count: number }>('SELECT count(*)::integer FROM webhook_attempts')
    return { rows: rows.map(({ row }) => row), attempts: counted.rows[0]?.count ?? -1 }
  }

  it.each<[number, string]>([
    [7 * DAY_MS, 'delivered'],
    [7 * DAY_MS, 'cancelled'],
    [30 * DAY_MS, 'dead'],
  ])('empties a body when its time is over (%i, %s)', async (bodyMs, status) => {
    await open({ webhooks: { retentionMs: 90 * DAY_MS } })
    await past({ status, settledMs: bodyMs - SECOND_MS, createdMs: 0 })
    await sweep()
    expect(await left()).toEqual({ rows: [status], attempts: 1 })
    await db.database.query(`UPDATE webhook_deliveries SET settled_at = settled_at - interval '2 seconds'`)
    await sweep()
    expect(await left()).toEqual({ rows: [`${status} -`], attempts: 1 })
  })

  it('keeps the bodies of the dead for 30 days, behind which it finds those of the delivered', async () => {
    await open({ webhooks: { retentionMs: 90 * DAY_MS } })
    await past({ status: 'dead', settledMs: 20 * DAY_MS, count: 600 })
    await past({ status: 'delivered', settledMs: 8 * DAY_MS, count: 600 })
    await past({ status: 'dead', settledMs: 31 * DAY_MS, count: 2 })
    await sweep()
    const { rows } = await left()
    const counts = ['dead', 'dead -', 'delivered', 'delivered -'].map((row) => rows.filter((it) => it === row).length)
    expect(counts).toEqual([600, 2, 0, 600])
  })

  it('removes deliveries with their attempts after 30 days, a thousand and more in one sweep', async () => {
    await open()
    await past({ status: 'delivered', settledMs: 30 * DAY_MS + SECOND_MS, count: 1_100 })
    await past({ status: 'dead', settledMs: 31 * DAY_MS })
    await past({ status: 'cancelled', settledMs: 31 * DAY_MS })
    await past({ status: 'dead', settledMs: 30 * DAY_MS - SECOND_MS })
    await past({ status: 'dead', settledMs: DAY_MS, createdMs: 40 * DAY_MS })
    await sweep()
    expect(await left()).toEqual({ rows: ['dead', 'dead'], attempts: 2 })
  })

  it('keeps them as long as is configured, and no body longer than its delivery', async () => {
    await open({ webhooks: { retentionMs: 2 * DAY_MS } })
    await past({ status: 'dead', settledMs: 2 * DAY_MS + SECOND_MS, createdMs: 3 * DAY_MS })
    await past({ status: 'delivered', settledMs: 2 * DAY_MS - SECOND_MS, createdMs: 3 * DAY_MS })
    await sweep()
    expect(await left()).toEqual({ rows: ['delivered'], attempts: 1 })
  })

  it('never touches what waits or is being sent, however old', async () => {
    await open({ webhooks: { retentionMs: SECOND_MS } })
    for (const status of ['pending', 'delivering']) await past({ status, settledMs: null, createdMs: 300 * DAY_MS })
    await sweep()
    expect(await left()).toEqual({ rows: ['delivering', 'pending'], attempts: 2 })
    // Nor where it looks as if it were over: only its state counts.
    await db.database.query(`UPDATE webhook_deliveries SET settled_at = created_at`)
    await sweep()
    expect(await left()).toEqual({ rows: ['delivering', 'pending'], attempts: 2 })
    await db.database.query(`UPDATE webhook_deliveries SET body = NULL`)
    await sweep()
    expect(await left()).toEqual({ rows: ['delivering -', 'pending -'], attempts: 2 })
  })

  it('reads no more of the table than it removes', async () => {
    await open()
    await past({ status: 'delivered', settledMs: DAY_MS, count: 4_000 })
    await past({ status: 'pending', settledMs: null, createdMs: 300 * DAY_MS, count: 4_000 })
    await past({ status: 'delivered', settledMs: 31 * DAY_MS, count: 20 })
    await db.database.query('ANALYZE webhook_deliveries')
    const cutoff = new Date(webhooks.clock.now().getTime() - 30 * DAY_MS)
    const rows = await plan(REMOVE_ROWS, [cutoff, '-infinity', 500])
    expect(rows).toContain('webhook_deliveries_emptied')
    await past({ status: 'dead', settledMs: 20 * DAY_MS, count: 4_000 })
    await db.database.query('ANALYZE webhook_deliveries')
    const bodies = await plan(EMPTY_SETTLED_BODIES, [cutoff, '-infinity', 500])
    expect(bodies).toContain('webhook_deliveries_settled_bodies')
    const dead = await plan(EMPTY_DEAD_BODIES, [cutoff, '-infinity', 500])
    expect(dead).toContain('webhook_deliveries_dead_bodies')
    for (const text of [bodies, dead, rows]) expect(text).not.toContain('Seq Scan')
  })

  it('sweeps by itself once a minute, from its start until it is stopped', async () => {
    await open()
    const sweeper = webhooks.app.get(RetentionSweeper)
    await past({ status: 'delivered', settledMs: 31 * DAY_MS })
    await webhooks.clock.advance(60_000)
    sweeper.start()
    sweeper.start()
    expect(webhooks.clock.waiting).toBe(1)
    await webhooks.clock.advance(59_999)
    expect((await left()).rows).toEqual(['delivered'])
    for (const ms of [1, 60_000]) {
      await webhooks.clock.advance(ms)
      await vi.waitUntil(async () => (await left()).rows.length === 0 && webhooks.clock.waiting === 1)
      await past({ status: 'delivered', settledMs: 31 * DAY_MS })
    }
    await sweeper.beforeApplicationShutdown()
    expect(webhooks.clock.waiting).toBe(0)
    sweeper.start()
    expect(webhooks.clock.waiting).toBe(0)
  })

  it('sweeps on after a sweep that failed, and never twice at a time', async () => {
    await open()
    const sweeper = webhooks.app.get(RetentionSweeper)
    const empty = vi.spyOn(webhooks.app.get(RetentionRepository), 'emptySettled')
    empty.mockRejectedValueOnce(new Error('the database is away'))
    sweeper.start()
    await webhooks.clock.advance(60_000)
    expect(webhooks.logged()).toMatchObject([{ level: 'error', msg: 'webhooks that are over could not be removed' }])
    const gate = new Gate()
    empty.mockImplementationOnce(async () => (await gate.opened, { count: 0, until: null }))
    await webhooks.clock.advance(60_000)
    expect(sweeper.sweep()).toBe(sweeper.sweep())
    expect(empty).toHaveBeenCalledTimes(2)
    gate.open()
    await sweeper.sweep()
  })

  it('is waited for at the stop, which ends it after the batch in hand', async () => {
    await open()
    const sweeper = webhooks.app.get(RetentionSweeper)
    const gate = new Gate()
    const empty = vi.spyOn(webhooks.app.get(RetentionRepository), 'emptySettled')
    empty.mockImplementation(async () => (await gate.opened, { count: BATCH, until: webhooks.clock.now() }))
    sweeper.start()
    await webhooks.clock.advance(60_000)
    let hasEnded = false
    const ending = sweeper.beforeApplicationShutdown().then(() => (hasEnded = true))
    await webhooks.clock.advance(0)
    expect([empty.mock.calls.length, hasEnded]).toEqual([1, false])
    gate.open()
    await ending
    expect([empty.mock.calls.length, webhooks.clock.waiting]).toEqual([1, 0])
  })

  it('leaves to the next sweep what is more than so many batches', async () => {
    await open()
    const full = { count: BATCH, until: webhooks.clock.now() }
    const empty = vi.spyOn(webhooks.app.get(RetentionRepository), 'emptySettled').mockResolvedValue(full)
    await sweep()
    expect(empty).toHaveBeenCalledTimes(MAX_BATCHES)
    expect(empty.mock.lastCall?.[2]).toEqual(full.until)
  })

  async function plan(sql: string, parameters: readonly unknown[]): Promise<string> {
    const { rows } = await db.database.query<Record<string, string>>(`EXPLAIN ${sql}`, parameters)
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  }
})
