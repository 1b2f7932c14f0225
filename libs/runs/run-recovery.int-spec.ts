import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestDatabase, type TestDatabase } from '#testing'
import { leaveRunning, outbox, RunsUnderTest } from './runs-app.spec.support.js'

describe('taking up what a dead process left', () => {
  let db: TestDatabase
  let runs: RunsUnderTest
  const webhook = 'http://127.0.0.1:8099/hook'

  beforeAll(async () => {
    db = await openTestDatabase()
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.database.query('TRUNCATE threads, webhook_deliveries CASCADE')
    runs = await RunsUnderTest.open(db)
  })
  afterEach(() => runs.close())

  it('executes a lost run again, within its attempts', async () => {
    const run = await runs.create(await runs.makeThread(), { webhook })
    await leaveRunning(db, run, { attempt: 2 })
    runs.worker.start()
    const execution = await runs.executor.next()
    expect(execution.request).toMatchObject({ runId: run.runId, attempt: 3 })
    execution.end()
    expect((await runs.end(run)).status).toBe('success')
    expect(await outbox(db)).toHaveLength(1)
  })

  it('ends a run that was lost three times with an error, and sends its webhook', async () => {
    const run = await runs.create(await runs.makeThread(), { webhook })
    await leaveRunning(db, run, { attempt: 3 })
    runs.worker.start()
    await runs.end(run)
    const message = `Run ${run.runId} exceeded max attempts`
    expect(await runs.run(run)).toMatchObject({ status: 'error', error: { message } })
    expect(await runs.thread(run.threadId)).toMatchObject({ status: 'error', error: { message } })
    expect(await outbox(db)).toMatchObject([{ body: { run_id: run.runId, status: 'error', error: message } }])
    expect(runs.executor.executions).toEqual([])
  })

  it('does not count attempts that ended by a shutdown', async () => {
    const run = await runs.create(await runs.makeThread())
    await leaveRunning(db, run, { attempt: 5, handedBack: 3 })
    runs.worker.start()
    expect((await runs.executor.next()).request.attempt).toBe(6)
  })

  it('never executes a run again that somebody has cancelled: recovery ends it', async () => {
    const run = await runs.create(await runs.makeThread(), { webhook })
    await leaveRunning(db, run, { attempt: 1, cancelAction: 'interrupt' })
    runs.worker.start()
    expect((await runs.end(run)).status).toBe('interrupted')
    expect((await runs.run(run))?.status).toBe('interrupted')
    expect((await runs.thread(run.threadId))?.status).toBe('idle')
    expect(runs.executor.executions).toEqual([])
    expect(await outbox(db)).toMatchObject([{ body: { status: 'interrupted' } }])
  })

  it('rolls a cancelled run back when that was the wish', async () => {
    const run = await runs.create(await runs.makeThread(), { webhook })
    await leaveRunning(db, run, { attempt: 3, cancelAction: 'rollback' })
    runs.worker.start()
    expect((await runs.end(run)).status).toBe('rollback')
    expect([await runs.run(run), (await runs.thread(run.threadId))?.status]).toEqual([null, 'idle'])
    expect(await outbox(db)).toMatchObject([{ body: { status: 'rollback' } }])
  })

  it('takes a run up at a renewal once its lease has passed, and not before', async () => {
    runs.worker.start()
    const run = await runs.create(await runs.makeThread(), { afterSeconds: 3_600 })
    await leaveRunning(db, run, { attempt: 1 })
    const lease = new Date(runs.clock.now().getTime() + 30_000)
    await db.database.query('UPDATE runs SET lease_until = $1, created_at = $2', [lease, runs.clock.now()])
    const execution = await runs.advanceUntil(runs.executor.next())
    expect(execution.request.attempt).toBe(2)
    expect(runs.clock.now().getTime()).toBeGreaterThan(lease.getTime())
  })

  it('takes up more runs than it looks at in one go', async () => {
    for (let made = 0; made < 120; made += 1) {
      await leaveRunning(db, await runs.create(await runs.makeThread()), { attempt: 3 })
    }
    runs.worker.start()
    await runs.advanceUntil(runs.worker.stop(0))
    const { rows } = await db.database.query<{ status: string; count: string }>(
      'SELECT status, count(*) AS count FROM runs GROUP BY status',
    )
    expect(rows.map(({ status, count }) => [status, Number(count)])).toEqual([['error', 120]])
  })
})
