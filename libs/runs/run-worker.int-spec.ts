import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestDatabase, type TestDatabase } from '#testing'
import { doneState } from './fake-executor.spec.support.js'
import type { Run } from './run.js'
import { outbox, RunsUnderTest, stealRun } from './runs-app.spec.support.js'

describe('the run worker', () => {
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

  async function created(change: Parameters<RunsUnderTest['create']>[1] = {}): Promise<Run> {
    return runs.create(await runs.makeThread(), change)
  }

  it('executes what is created, woken by the commit, and stores its end with thread and webhook', async () => {
    runs.worker.start()
    const run = await created({ input: { a: 1 }, webhook })
    const execution = await runs.executor.next()
    expect(execution.request).toMatchObject({ runId: run.runId, threadId: run.threadId, attempt: 1, input: { a: 1 } })
    expect(await runs.run(run)).toMatchObject({ status: 'running', attempt: 1 })
    execution.end()
    await runs.end(run)
    expect(await runs.run(run)).toMatchObject({ status: 'success', claimedBy: null, error: null })
    expect(await runs.thread(run.threadId)).toMatchObject({ status: 'idle', values: { log: ['done'] }, interrupts: {} })
    expect(await outbox(db)).toMatchObject([
      { url: webhook, body: { run_id: run.runId, status: 'success', values: { log: ['done'] } } },
    ])
  })

  it('answers a waiting client by the commit, with a clock that never moves', async () => {
    runs.worker.start()
    const threadId = await runs.makeThread()
    const payload = { assistant_id: 'graph', input: {} }
    const waiting = runs.app.inject({ method: 'POST', url: `/threads/${threadId}/runs/wait`, payload })
    const execution = await runs.executor.next()
    const joining = runs.app.inject({ url: `/threads/${threadId}/runs/${execution.request.runId}/join` })
    execution.end({ state: doneState({ answer: 42 }) })
    expect([(await waiting).json(), (await joining).json()]).toEqual([{ answer: 42 }, { answer: 42 }])
  })

  it.each([
    ['an error', { status: 'error', error: { error: 'CustomError', message: 'Boo!' } }, 'error', 'error'],
    ['a question', { state: { ...doneState({}), next: ['ask'] } }, 'success', 'interrupted'],
    ['no state at all', { state: null }, 'success', 'idle'],
  ] as const)('leaves a thread that ended with %s in its status', async (_, outcome, runStatus, threadStatus) => {
    runs.worker.start()
    const run = await created()
    const execution = await runs.executor.next()
    execution.end(outcome)
    expect(await runs.end(run)).toMatchObject({ status: runStatus, threadStatus })
    expect(await runs.thread(run.threadId)).toMatchObject({ status: threadStatus, settledStatus: threadStatus })
  })

  it('keeps the thread busy while another run of it waits, and tells what it would be', async () => {
    runs.worker.start()
    const first = await created()
    const second = await runs.create(first.threadId)
    const execution = await runs.executor.next()
    execution.end({ state: { ...doneState({}), next: ['ask'] } })
    expect((await runs.end(first)).threadStatus).toBe('interrupted')
    expect(await runs.thread(first.threadId)).toMatchObject({ status: 'busy', settledStatus: 'interrupted' })
    const next = await runs.executor.next()
    expect(next.request.runId).toBe(second.runId)
    next.end()
    await runs.end(second)
    expect((await runs.thread(first.threadId))?.status).toBe('idle')
  })

  it('ends a run whose graph is gone like one that threw', async () => {
    runs.worker.start()
    const run = await created()
    const execution = await runs.executor.next()
    execution.fail(new TypeError('no such graph'))
    const error = { error: 'TypeError', message: 'no such graph' }
    expect(await runs.end(run)).toMatchObject({ status: 'error', error })
    expect(await runs.thread(run.threadId)).toMatchObject({ status: 'error', error })
  })

  it('starts a delayed run when its time has come, and not before', async () => {
    await created({ afterSeconds: 3 })
    const timers = runs.clock.waiting
    runs.worker.start()
    await runs.timersAbove(timers + 1)
    await runs.clock.advance(2_999)
    expect(runs.executor.executions).toEqual([])
    await runs.clock.advance(1)
    expect((await runs.executor.next()).request.attempt).toBe(1)
  })

  it('writes nothing once its lease was lost, and stops the graph at the next renewal', async () => {
    runs.worker.start()
    const run = await created({ webhook })
    const execution = await runs.executor.next()
    await stealRun(db, run)
    await runs.advanceUntil(execution.ended)
    expect(execution.hooks.signal.aborted).toBe(true)
    await runs.advanceUntil(runs.worker.stop(1_000))
    expect(await runs.run(run)).toMatchObject({ status: 'running', claimedBy: 'thief', attempt: 2 })
    expect([runs.finished, await outbox(db)]).toEqual([[], []])
  })

  it('writes nothing when the graph ends after the lease was lost', async () => {
    runs.worker.start()
    const run = await created({ webhook })
    const execution = await runs.executor.next()
    await stealRun(db, run)
    execution.end()
    await runs.advanceUntil(runs.worker.stop(1_000))
    expect(await runs.run(run)).toMatchObject({ status: 'running', claimedBy: 'thief', attempt: 2 })
    expect(await runs.thread(run.threadId)).toMatchObject({ status: 'busy', values: null })
    expect([runs.finished, await outbox(db)]).toEqual([[], []])
  })

  it('hands a run back at shutdown, uncounted, and claims nothing more', async () => {
    runs.worker.start()
    const run = await created({ webhook })
    await runs.executor.next()
    await runs.advanceUntil(runs.worker.stop(2_000))
    await created()
    expect(await runs.run(run)).toMatchObject({ status: 'pending', attempt: 1, handedBack: 1, claimedBy: null })
    expect([runs.finished, await outbox(db), runs.executor.executions.length]).toEqual([[], [], 1])
  })

  it('lets a run end within the grace of a shutdown', async () => {
    runs.worker.start()
    const run = await created()
    const execution = await runs.executor.next()
    const stopped = runs.worker.stop(2_000)
    execution.end()
    await stopped
    expect(await runs.run(run)).toMatchObject({ status: 'success', handedBack: 0 })
  })

  it('stops the graph of a thread that is deleted: the run ends once, by the deletion', async () => {
    runs.worker.start()
    const run = await created({ webhook })
    const execution = await runs.executor.next()
    await runs.deleteThread(run.threadId)
    await execution.ended
    await runs.advanceUntil(runs.worker.stop(1_000))
    expect(execution.hooks.signal.aborted).toBe(true)
    expect(await runs.run(run)).toBeNull()
    expect((await outbox(db)).map(({ body }) => body['status'])).toEqual(['interrupted'])
  })

  it('removes a temporary thread with the end of its run', async () => {
    runs.worker.start()
    const run = await runs.create(null, { webhook })
    const execution = await runs.executor.next()
    execution.end()
    await runs.end(run)
    expect([await runs.run(run), await runs.thread(run.threadId)]).toEqual([null, null])
    expect(await outbox(db)).toMatchObject([{ body: { status: 'success', values: { log: ['done'] } } }])
  })
})

describe('a worker with a limit', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await openTestDatabase()
  })
  afterAll(() => db.close())

  it('ends a run past its time as timeout, with its thread in error', async () => {
    const runs = await RunsUnderTest.open(db, { runs: { timeoutMs: 5_000 } })
    runs.worker.start()
    const run = await runs.create(await runs.makeThread(), { webhook: 'http://127.0.0.1:8099/late' })
    const execution = await runs.executor.next()
    await runs.clock.advance(4_900)
    expect(execution.hooks.signal.aborted).toBe(false)
    await runs.clock.advance(100)
    expect(await runs.end(run)).toMatchObject({ status: 'timeout', threadStatus: 'error' })
    expect(await runs.run(run)).toMatchObject({ status: 'timeout', error: { error: 'TimeoutError' } })
    expect(await outbox(db)).toMatchObject([
      { body: { status: 'timeout', error: 'Run exceeded its time limit of 5000 ms' } },
    ])
    await runs.close()
  })

  it('executes no more at once than it may, and goes on as soon as one ends', async () => {
    const runs = await RunsUnderTest.open(db, { runs: { maxConcurrent: 2 } })
    const all: Run[] = []
    for (let made = 0; made < 5; made += 1) all.push(await runs.create(await runs.makeThread()))
    runs.worker.start()
    const order: string[] = []
    for (let count = 0; count < 5; count += 1) {
      const execution = await runs.executor.next()
      order.push(execution.request.runId)
      expect(runs.worker.active).toBeLessThanOrEqual(2)
      if (count >= 1) runs.executor.executions[count - 1]?.end()
    }
    expect(order).toEqual(all.map(({ runId }) => runId))
    runs.executor.endAll()
    await Promise.all(all.map((run) => runs.end(run)))
    await runs.close()
  })
})
