import 'reflect-metadata'
import { AsyncLocalStorage } from 'node:async_hooks'
import { afterAll, beforeAll, describe, expect, it, type MockInstance, vi } from 'vitest'
import type { Clock } from '#kernel'
import { Gate, openTestDatabase, payloadFaults, type TestDatabase } from '#testing'
import { doneState } from './fake-executor.spec.support.js'
import { RunQueue } from './run-queue.js'
import type { Run } from './run.js'
import { outbox, RunsUnderTest, stealRun } from './runs-app.spec.support.js'
import { RunsRoom, WEBHOOK } from './runs-room.spec.support.js'

/** Resolves once a timer of this length, in ms, was armed since the spying began. */
function armed(timing: MockInstance<Clock['after']>, delayMs: number): Promise<void> {
  return expect.poll(() => timing.mock.calls.map(([each]) => each)).toContain(delayMs)
}

describe('the run worker', () => {
  const room = RunsRoom.use()

  async function created(change: Parameters<RunsUnderTest['create']>[1] = {}): Promise<Run> {
    return room.runs.create(await room.runs.makeThread(), change)
  }

  it('executes what is created, woken by the commit, and stores its end with thread and webhook', async () => {
    room.runs.worker.start()
    const run = await created({ input: { a: 1 }, webhook: WEBHOOK })
    const execution = await room.runs.executor.next()
    expect(execution.request).toMatchObject({ runId: run.runId, threadId: run.threadId, attempt: 1, input: { a: 1 } })
    expect(await room.runs.run(run)).toMatchObject({ status: 'running', attempt: 1 })
    execution.end()
    await room.runs.end(run)
    expect(await room.runs.run(run)).toMatchObject({ status: 'success', claimedBy: null, error: null })
    expect(await room.runs.thread(run.threadId)).toMatchObject({
      status: 'idle',
      values: { log: ['done'] },
      interrupts: {},
    })
    expect(await outbox(room.db)).toMatchObject([
      { url: WEBHOOK, body: { run_id: run.runId, status: 'success', values: { log: ['done'] } } },
    ])
  })

  it('answers a waiting client by the commit, with a clock that never moves', async () => {
    room.runs.worker.start()
    const threadId = await room.runs.makeThread()
    const payload = { assistant_id: 'graph', input: {} }
    const waiting = room.runs.app.inject({ method: 'POST', url: `/threads/${threadId}/runs/wait`, payload })
    const execution = await room.runs.executor.next()
    const joining = room.runs.app.inject({ url: `/threads/${threadId}/runs/${execution.request.runId}/join` })
    execution.end({ state: doneState({ answer: 42 }) })
    expect([(await waiting).json(), (await joining).json()]).toEqual([{ answer: 42 }, { answer: 42 }])
  })

  it.each([
    ['an error', { status: 'error', error: { error: 'CustomError', message: 'Boo!' } }, 'error', 'error'],
    ['a question', { state: { ...doneState({}), next: ['ask'] } }, 'success', 'interrupted'],
    ['no state at all', { state: null }, 'success', 'idle'],
  ] as const)('leaves a thread that ended with %s in its status', async (_, outcome, runStatus, threadStatus) => {
    room.runs.worker.start()
    const run = await created()
    const execution = await room.runs.executor.next()
    execution.end(outcome)
    expect(await room.runs.end(run)).toMatchObject({ status: runStatus, threadStatus })
    expect(await room.runs.thread(run.threadId)).toMatchObject({ status: threadStatus, settledStatus: threadStatus })
  })

  it('keeps the thread busy while another run of it waits, and tells what it would be', async () => {
    room.runs.worker.start()
    const first = await created()
    const second = await room.runs.create(first.threadId)
    const execution = await room.runs.executor.next()
    execution.end({ state: { ...doneState({}), next: ['ask'] } })
    expect((await room.runs.end(first)).threadStatus).toBe('interrupted')
    expect(await room.runs.thread(first.threadId)).toMatchObject({ status: 'busy', settledStatus: 'interrupted' })
    const next = await room.runs.executor.next()
    expect(next.request.runId).toBe(second.runId)
    next.end()
    await room.runs.end(second)
    expect((await room.runs.thread(first.threadId))?.status).toBe('idle')
  })

  it('leaves a run to its lease when what its graph came to cannot be read, and takes it up again', async () => {
    room.runs.worker.start()
    const run = await created()
    const execution = await room.runs.executor.next()
    execution.fail(new Error('the database is away'))
    const again = await room.runs.advanceUntil(room.runs.executor.next())
    expect(again.request).toMatchObject({ runId: run.runId, attempt: 2 })
    expect(room.runs.finished).toEqual([])
    again.end()
    expect((await room.runs.end(run)).status).toBe('success')
  })

  it('starts a delayed run when its time has come, and not before', async () => {
    await created({ afterSeconds: 3 })
    const timers = room.runs.clock.waiting
    room.runs.worker.start()
    await room.runs.timersAbove(timers + 1)
    await room.runs.clock.advance(2_999)
    expect(room.runs.executor.executions).toEqual([])
    await room.runs.clock.advance(1)
    expect((await room.runs.executor.next()).request.attempt).toBe(1)
  })

  it('writes nothing once its lease was lost, and stops the graph at the next renewal', async () => {
    room.runs.worker.start()
    const run = await created({ webhook: WEBHOOK })
    const execution = await room.runs.executor.next()
    await stealRun(room.db, run)
    await room.runs.advanceUntil(execution.ended)
    expect(execution.hooks.signal.aborted).toBe(true)
    await room.runs.advanceUntil(room.runs.worker.stop(1_000))
    expect(await room.runs.run(run)).toMatchObject({ status: 'running', claimedBy: 'thief', attempt: 2 })
    expect([room.runs.finished, await outbox(room.db)]).toEqual([[], []])
  })

  it('writes nothing when the graph ends after the lease was lost', async () => {
    room.runs.worker.start()
    const run = await created({ webhook: WEBHOOK })
    const execution = await room.runs.executor.next()
    await stealRun(room.db, run)
    execution.end()
    await room.runs.advanceUntil(room.runs.worker.stop(1_000))
    expect(await room.runs.run(run)).toMatchObject({ status: 'running', claimedBy: 'thief', attempt: 2 })
    expect(await room.runs.thread(run.threadId)).toMatchObject({ status: 'busy', values: null })
    expect([room.runs.finished, await outbox(room.db)]).toEqual([[], []])
  })

  it('hands a run back at shutdown, uncounted, and claims nothing more', async () => {
    room.runs.worker.start()
    const run = await created({ webhook: WEBHOOK })
    await room.runs.executor.next()
    await room.runs.advanceUntil(room.runs.worker.stop(2_000))
    await created()
    expect(await room.runs.run(run)).toMatchObject({ status: 'pending', attempt: 1, handedBack: 1, claimedBy: null })
    expect([room.runs.finished, await outbox(room.db), room.runs.executor.executions.length]).toEqual([[], [], 1])
  })

  it('lets a run end within the grace of a shutdown', async () => {
    room.runs.worker.start()
    const run = await created()
    const execution = await room.runs.executor.next()
    const timing = vi.spyOn(room.runs.clock, 'after')
    const stopped = room.runs.worker.stop(2_345)
    await armed(timing, 2_345)
    await room.runs.clock.advance(2_344)
    expect(execution.hooks.signal.aborted).toBe(false)
    execution.end()
    await stopped
    expect(await room.runs.run(run)).toMatchObject({ status: 'success', handedBack: 0 })
  })

  it('stops the graph of a thread that is deleted: the run ends once, by the deletion', async () => {
    room.runs.worker.start()
    const run = await created({ webhook: WEBHOOK })
    const execution = await room.runs.executor.next()
    await room.runs.deleteThread(run.threadId)
    expect(await execution.hooks.mayWrite?.()).toBe(false)
    await execution.ended
    await room.runs.advanceUntil(room.runs.worker.stop(1_000))
    expect(execution.hooks.signal.aborted).toBe(true)
    expect(await room.runs.run(run)).toBeNull()
    expect((await outbox(room.db)).map(({ body }) => body['status'])).toEqual(['interrupted'])
  })

  it('executes a run outside of what has woken it: a graph that made it may end before', async () => {
    const context = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const { executor } = room.runs
    const execute = executor.execute.bind(executor)
    vi.spyOn(executor, 'execute').mockImplementation((...asked) => {
      seen.push(context.getStore())
      return execute(...asked)
    })
    const timing = vi.spyOn(room.runs.clock, 'after')
    room.runs.worker.start()
    await armed(timing, 5_000)
    const run = await context.run('a graph', () => created())
    const execution = await executor.next()
    execution.end()
    await room.runs.end(run)
    expect(seen).toEqual([undefined])
  })

  it('removes a temporary thread with the end of its run', async () => {
    room.runs.worker.start()
    const run = await room.runs.create(null, { webhook: WEBHOOK })
    const execution = await room.runs.executor.next()
    execution.end()
    await room.runs.end(run)
    expect([await room.runs.run(run), await room.runs.thread(run.threadId)]).toEqual([null, null])
    expect(await outbox(room.db)).toMatchObject([{ body: { status: 'success', values: { log: ['done'] } } }])
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
    const [delivery] = await outbox(db)
    expect(delivery?.body).toMatchObject({ status: 'timeout', error: 'Run exceeded its time limit of 5000 ms' })
    expect(payloadFaults(delivery?.body ?? {})).toEqual([])
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

  it('asks for no run while it may execute none, and for no more than it may while an answer is on its way', async () => {
    const runs = await RunsUnderTest.open(db, { runs: { maxConcurrent: 1 } })
    const queue = runs.app.get(RunQueue)
    const answer = new Gate()
    const claim = queue.claim.bind(queue)
    const claiming = vi.spyOn(queue, 'claim').mockImplementation(async (...asked) => {
      await answer.opened
      return claim(...asked)
    })
    const all = [await runs.create(await runs.makeThread()), await runs.create(await runs.makeThread())]
    runs.worker.start()
    await expect.poll(() => claiming.mock.calls.length).toBe(1)
    for (const { runId } of all) runs.bus.heard('run.created', runId)
    await runs.clock.advance(0)
    expect(claiming).toHaveBeenCalledTimes(1)
    answer.open()
    const first = await runs.executor.next()
    const looking = vi.spyOn(queue, 'untilNextDueMs')
    for (const { runId } of all) runs.bus.heard('run.created', runId)
    await expect.poll(() => looking.mock.settledResults.at(-1)?.type).toBe('fulfilled')
    expect(claiming).toHaveBeenCalledTimes(1)
    first.end()
    expect((await runs.executor.next()).request.runId).toBe(all[1]?.runId)
    runs.executor.endAll()
    await Promise.all(all.map((run) => runs.end(run)))
    await runs.close()
  })

  it('asks again a second after the queue could not be read', async () => {
    const runs = await RunsUnderTest.open(db)
    const timing = vi.spyOn(runs.clock, 'after')
    vi.spyOn(runs.app.get(RunQueue), 'claim').mockRejectedValueOnce(new Error('the database is away'))
    const run = await runs.create(await runs.makeThread())
    runs.worker.start()
    await armed(timing, 1_000)
    expect(runs.executor.executions).toEqual([])
    await runs.clock.advance(1_000)
    expect((await runs.executor.next()).request.runId).toBe(run.runId)
    runs.executor.endAll()
    await runs.end(run)
    await runs.close()
  })
})
