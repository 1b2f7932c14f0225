import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestDatabase, type TestDatabase } from '#testing'
import { outbox, RunsUnderTest } from './runs-app.spec.support.js'

describe('the end of a run and its webhook', () => {
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

  it('are stored together or not at all: a subscriber that throws undoes both, and both are tried again', async () => {
    const seen: unknown[] = []
    let failures = 3
    runs.bus.inTransaction('run.finished', 'spec.failing', async (tx, event) => {
      const { rows } = await tx.query<{ status: string; deliveries: string }>(
        'SELECT status, (SELECT count(*) FROM webhook_deliveries) AS deliveries FROM runs WHERE run_id = $1',
        [event.run.run_id],
      )
      seen.push([rows[0]?.status, Number(rows[0]?.deliveries)])
      failures -= 1
      if (failures >= 0) throw new Error('no room')
    })
    runs.worker.start()
    const run = await runs.create(await runs.makeThread(), { webhook })
    const execution = await runs.executor.next()
    execution.end()
    await runs.advanceUntil(runs.end(run))
    // Each try started from what was there before: one end, one delivery, never a second one beside it.
    expect(seen).toEqual(Array(4).fill(['success', 1]))
    expect(runs.finished).toHaveLength(1)
    expect((await runs.run(run))?.status).toBe('success')
    expect(await outbox(db)).toHaveLength(1)
  })

  it('leave nothing behind while they cannot be stored', async () => {
    let tries = 0
    runs.bus.inTransaction('run.finished', 'spec.failing', () => {
      tries += 1
      return tries === 1 ? Promise.reject(new Error('no room')) : Promise.resolve()
    })
    runs.worker.start()
    const threadId = await runs.makeThread()
    const run = await runs.create(threadId, { webhook })
    const execution = await runs.executor.next()
    const timers = runs.clock.waiting
    execution.end()
    await runs.timersAbove(timers)
    expect(await runs.run(run)).toMatchObject({ status: 'running', attempt: 1 })
    expect(await runs.thread(threadId)).toMatchObject({ status: 'busy', values: null })
    expect([runs.finished, await outbox(db)]).toEqual([[], []])
    const joining = runs.app.inject({ url: `/threads/${threadId}/runs/${run.runId}/join` })
    await runs.advanceUntil(runs.end(run))
    expect((await joining).json()).toEqual({ log: ['done'] })
  })

  it('becomes an error when its content can never be stored', async () => {
    runs.bus.inTransaction('run.finished', 'spec.choosy', (_, { status }) =>
      status === 'success' ? Promise.reject(new Error('value too long')) : Promise.resolve(),
    )
    runs.worker.start()
    const run = await runs.create(await runs.makeThread(), { webhook })
    const execution = await runs.executor.next()
    execution.end()
    expect(await runs.advanceUntil(runs.end(run))).toMatchObject({
      status: 'error',
      error: { error: 'UnstorableResult' },
    })
    expect(await outbox(db)).toMatchObject([{ body: { status: 'error' } }])
  })

  it('makes no delivery for a run without a webhook', async () => {
    runs.worker.start()
    const run = await runs.create(await runs.makeThread())
    const execution = await runs.executor.next()
    execution.end()
    await runs.end(run)
    expect(await outbox(db)).toEqual([])
  })
})
