import 'reflect-metadata'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestDatabase, type TestDatabase } from '#testing'
import { doneState } from './fake-executor.spec.support.js'
import { leaveRunning, outbox, RunsUnderTest } from './runs-app.spec.support.js'

describe('cancelling a run', () => {
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

  it('ends a pending one at once: it never starts, and its webhook has no values', async () => {
    const run = await runs.create(await runs.makeThread(), { webhook })
    await runs.cancel(run)
    runs.worker.start()
    await runs.advanceUntil(runs.worker.stop(0))
    expect(await runs.run(run)).toMatchObject({ status: 'interrupted', startedAt: null })
    expect((await runs.thread(run.threadId))?.status).toBe('idle')
    const [delivery] = await outbox(db)
    expect(delivery?.body).toMatchObject({ status: 'interrupted', run_started_at: null })
    expect(delivery?.body).not.toHaveProperty('values')
    expect(runs.executor.executions).toEqual([])
  })

  it('removes a pending one by rollback; the thread stays busy while another waits', async () => {
    const first = await runs.create(await runs.makeThread())
    const second = await runs.create(first.threadId)
    await runs.cancel(second, 'rollback')
    expect(await runs.run(second)).toBeNull()
    expect((await runs.thread(first.threadId))?.status).toBe('busy')
    await runs.cancel(first, 'rollback')
    expect((await runs.thread(first.threadId))?.status).toBe('idle')
  })

  it('stops a running one and keeps what it did', async () => {
    runs.worker.start()
    const run = await runs.create(await runs.makeThread(), { webhook })
    const execution = await runs.executor.next()
    await runs.cancel(run)
    await runs.end(run)
    expect(execution.hooks.signal.aborted).toBe(true)
    expect((await runs.run(run))?.status).toBe('interrupted')
    expect(await runs.thread(run.threadId)).toMatchObject({ status: 'idle', values: { log: ['done'] } })
    expect(await outbox(db)).toMatchObject([{ body: { status: 'interrupted', values: { log: ['done'] } } }])
  })

  it('counts although the graph came to its end meanwhile: the wish was stored first', async () => {
    runs.worker.start()
    const run = await runs.create(await runs.makeThread())
    const execution = await runs.executor.next()
    await db.database.query(`UPDATE runs SET cancel_action = 'rollback' WHERE run_id = $1`, [run.runId])
    execution.end()
    expect(await runs.end(run)).toMatchObject({ status: 'rollback', valuesJson: null })
    expect(await runs.run(run)).toBeNull()
  })

  it.each([
    ['interrupt', 'rollback'],
    ['rollback', 'interrupt'],
  ] as const)('by %s and then by %s before it has stopped: the rollback counts', async (first, second) => {
    const run = await runs.create(await runs.makeThread())
    await leaveRunning(db, run, { attempt: 1 })
    await runs.cancel(run, first)
    await runs.cancel(run, second)
    runs.worker.start()
    expect((await runs.end(run)).status).toBe('rollback')
  })

  it('leaves a finished run as it is', async () => {
    runs.worker.start()
    const run = await runs.create(await runs.makeThread(), { webhook })
    const execution = await runs.executor.next()
    execution.end()
    await runs.end(run)
    const before = await runs.run(run)
    await runs.cancel(run)
    await runs.cancel(run, 'rollback')
    expect(await runs.run(run)).toEqual(before)
    expect([runs.finished.length, (await outbox(db)).length]).toEqual([1, 1])
  })

  it('of an unknown run, or one of another thread, is refused', async () => {
    const run = await runs.create(await runs.makeThread())
    const threadId = await runs.makeThread()
    await expect(runs.cancel({ ...run, threadId })).rejects.toThrow('Run not found')
    expect((await runs.run(run))?.status).toBe('pending')
  })

  it('racing with the end leaves one final state, one fact and one delivery, all the same', async () => {
    runs.worker.start()
    for (let round = 0; round < 30; round += 1) {
      const run = await runs.create(await runs.makeThread(), { webhook: `${webhook}/${round}` })
      const execution = await runs.executor.next()
      const cancelled = later(round % 6, () => runs.cancel(run))
      const ended = later(Math.floor(round / 6), () => execution.end({ state: doneState({ round }) }))
      await Promise.all([cancelled, ended, runs.end(run)])
      const stored = (await runs.run(run))?.status
      const facts = runs.finished.filter((event) => event.run.run_id === run.runId).map(({ status }) => status)
      const sent = (await outbox(db)).filter(({ url }) => url.endsWith(`/${round}`)).map(({ body }) => body['status'])
      expect([facts, sent]).toEqual([[stored], [stored]])
      expect(['success', 'interrupted']).toContain(stored)
      expect((await runs.thread(run.threadId))?.status).toBe('idle')
    }
  })
})

async function later<Result>(turns: number, work: () => Result | Promise<Result>): Promise<Result> {
  for (let turn = 0; turn < turns; turn += 1) await nextTurn()
  return work()
}
