import 'reflect-metadata'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { doneState } from './fake-executor.spec.support.js'
import { leaveRunning, outbox } from './runs-app.spec.support.js'
import { RunsRoom, WEBHOOK } from './runs-room.spec.support.js'

describe('cancelling a run', () => {
  const room = RunsRoom.use()

  it('ends a pending one at once: it never starts, and its webhook has no values', async () => {
    const run = await room.runs.create(await room.runs.makeThread(), { webhook: WEBHOOK })
    await room.runs.cancel(run)
    room.runs.worker.start()
    await room.runs.advanceUntil(room.runs.worker.stop(0))
    expect(await room.runs.run(run)).toMatchObject({ status: 'interrupted', startedAt: null })
    expect((await room.runs.thread(run.threadId))?.status).toBe('idle')
    const [delivery] = await outbox(room.db)
    expect(delivery?.body).toMatchObject({ status: 'interrupted', run_started_at: null })
    expect(delivery?.body).not.toHaveProperty('values')
    expect(room.runs.executor.executions).toEqual([])
  })

  it('removes a pending one by rollback; the thread stays busy while another waits', async () => {
    const first = await room.runs.create(await room.runs.makeThread())
    const second = await room.runs.create(first.threadId)
    await room.runs.cancel(second, 'rollback')
    expect(await room.runs.run(second)).toBeNull()
    expect((await room.runs.thread(first.threadId))?.status).toBe('busy')
    await room.runs.cancel(first, 'rollback')
    expect((await room.runs.thread(first.threadId))?.status).toBe('idle')
  })

  it('stops a running one and keeps what it did', async () => {
    room.runs.worker.start()
    const run = await room.runs.create(await room.runs.makeThread(), { webhook: WEBHOOK })
    const execution = await room.runs.executor.next()
    await room.runs.cancel(run)
    await room.runs.end(run)
    expect(execution.hooks.signal.aborted).toBe(true)
    expect((await room.runs.run(run))?.status).toBe('interrupted')
    expect(await room.runs.thread(run.threadId)).toMatchObject({ status: 'idle', values: { log: ['done'] } })
    expect(await outbox(room.db)).toMatchObject([{ body: { status: 'interrupted', values: { log: ['done'] } } }])
  })

  it('counts although the graph came to its end meanwhile: the wish was stored first', async () => {
    room.runs.worker.start()
    const run = await room.runs.create(await room.runs.makeThread())
    const execution = await room.runs.executor.next()
    await room.db.database.query(`UPDATE runs SET cancel_action = 'rollback' WHERE run_id = $1`, [run.runId])
    execution.end()
    expect(await room.runs.end(run)).toMatchObject({ status: 'rollback', valuesJson: null })
    expect(await room.runs.run(run)).toBeNull()
  })

  it.each([
    ['interrupt', 'rollback'],
    ['rollback', 'interrupt'],
  ] as const)('by %s and then by %s before it has stopped: the rollback counts', async (first, second) => {
    const run = await room.runs.create(await room.runs.makeThread())
    await leaveRunning(room.db, run, { attempt: 1 })
    await room.runs.cancel(run, first)
    await room.runs.cancel(run, second)
    room.runs.worker.start()
    expect((await room.runs.end(run)).status).toBe('rollback')
  })

  it('leaves a finished run as it is', async () => {
    room.runs.worker.start()
    const run = await room.runs.create(await room.runs.makeThread(), { webhook: WEBHOOK })
    const execution = await room.runs.executor.next()
    execution.end()
    await room.runs.end(run)
    const before = await room.runs.run(run)
    await room.runs.cancel(run)
    await room.runs.cancel(run, 'rollback')
    expect(await room.runs.run(run)).toEqual(before)
    expect([room.runs.finished.length, (await outbox(room.db)).length]).toEqual([1, 1])
  })

  it('of an unknown run, or one of another thread, is refused', async () => {
    const run = await room.runs.create(await room.runs.makeThread())
    const threadId = await room.runs.makeThread()
    await expect(room.runs.cancel({ ...run, threadId })).rejects.toThrow('Run not found')
    expect((await room.runs.run(run))?.status).toBe('pending')
  })

  it('racing with the end leaves one final state, one fact and one delivery, all the same', async () => {
    room.runs.worker.start()
    for (let round = 0; round < 30; round += 1) {
      const run = await room.runs.create(await room.runs.makeThread(), { webhook: `${WEBHOOK}/${round}` })
      const execution = await room.runs.executor.next()
      const cancelled = later(round % 6, () => room.runs.cancel(run))
      const ended = later(Math.floor(round / 6), () => execution.end({ state: doneState({ round }) }))
      await Promise.all([cancelled, ended, room.runs.end(run)])
      const stored = (await room.runs.run(run))?.status
      const facts = room.runs.finished.filter((event) => event.run.run_id === run.runId).map(({ status }) => status)
      const sent = (await outbox(room.db))
        .filter(({ url }) => url.endsWith(`/${round}`))
        .map(({ body }) => body['status'])
      expect([facts, sent]).toEqual([[stored], [stored]])
      expect(['success', 'interrupted']).toContain(stored)
      expect((await room.runs.thread(run.threadId))?.status).toBe('idle')
    }
  })
})

async function later<Result>(turns: number, work: () => Result | Promise<Result>): Promise<Result> {
  for (let turn = 0; turn < turns; turn += 1) await nextTurn()
  return work()
}
