import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { leaveRunning, outbox } from './runs-app.spec.support.js'
import { RunsRoom, WEBHOOK } from './runs-room.spec.support.js'

describe('taking up what a dead process left', () => {
  const room = RunsRoom.use()

  it('executes a lost run again, within its attempts', async () => {
    const run = await room.runs.create(await room.runs.makeThread(), { webhook: WEBHOOK })
    await leaveRunning(room.db, run, { attempt: 2 })
    room.runs.worker.start()
    const execution = await room.runs.executor.next()
    expect(execution.request).toMatchObject({ runId: run.runId, attempt: 3 })
    expect(await room.runs.run(run)).toMatchObject({ attempt: 3, handedBack: 0 })
    execution.end()
    expect((await room.runs.end(run)).status).toBe('success')
    expect(await outbox(room.db)).toHaveLength(1)
  })

  it('ends a run that was lost three times with an error, and sends its webhook', async () => {
    const run = await room.runs.create(await room.runs.makeThread(), { webhook: WEBHOOK })
    await leaveRunning(room.db, run, { attempt: 3 })
    room.runs.worker.start()
    await room.runs.end(run)
    const message = `Run ${run.runId} exceeded max attempts`
    expect(await room.runs.run(run)).toMatchObject({ status: 'error', error: { message } })
    expect(await room.runs.thread(run.threadId)).toMatchObject({ status: 'error', error: { message } })
    expect(await outbox(room.db)).toMatchObject([{ body: { run_id: run.runId, status: 'error', error: message } }])
    expect(room.runs.executor.executions).toEqual([])
  })

  it('does not count attempts that ended by a shutdown', async () => {
    const run = await room.runs.create(await room.runs.makeThread())
    await leaveRunning(room.db, run, { attempt: 5, handedBack: 3 })
    room.runs.worker.start()
    expect((await room.runs.executor.next()).request.attempt).toBe(6)
  })

  it('never executes a run again that somebody has cancelled: recovery ends it', async () => {
    const run = await room.runs.create(await room.runs.makeThread(), { webhook: WEBHOOK })
    await leaveRunning(room.db, run, { attempt: 1, cancelAction: 'interrupt' })
    room.runs.worker.start()
    expect((await room.runs.end(run)).status).toBe('interrupted')
    expect((await room.runs.run(run))?.status).toBe('interrupted')
    expect((await room.runs.thread(run.threadId))?.status).toBe('idle')
    expect(room.runs.executor.executions).toEqual([])
    expect(await outbox(room.db)).toMatchObject([{ body: { status: 'interrupted' } }])
  })

  it('rolls a cancelled run back when that was the wish', async () => {
    const run = await room.runs.create(await room.runs.makeThread(), { webhook: WEBHOOK })
    await leaveRunning(room.db, run, { attempt: 3, cancelAction: 'rollback' })
    room.runs.worker.start()
    expect((await room.runs.end(run)).status).toBe('rollback')
    expect([await room.runs.run(run), (await room.runs.thread(run.threadId))?.status]).toEqual([null, 'idle'])
    expect(await outbox(room.db)).toMatchObject([{ body: { status: 'rollback' } }])
  })

  it('takes a run up at a renewal once its lease has passed, and not before', async () => {
    room.runs.worker.start()
    const run = await room.runs.create(await room.runs.makeThread(), { afterSeconds: 3_600 })
    await leaveRunning(room.db, run, { attempt: 1 })
    const lease = new Date(room.runs.clock.now().getTime() + 30_000)
    await room.db.database.query('UPDATE runs SET lease_until = $1, created_at = $2', [lease, room.runs.clock.now()])
    const execution = await room.runs.advanceUntil(room.runs.executor.next())
    expect(execution.request.attempt).toBe(2)
    expect(room.runs.clock.now().getTime()).toBeGreaterThan(lease.getTime())
  })

  it('takes up more runs than it looks at in one go, also where all of the first ones cannot be settled', async () => {
    const runIds: string[] = []
    for (let made = 0; made < 120; made += 1) {
      const run = await room.runs.create(await room.runs.makeThread())
      await leaveRunning(room.db, run, { attempt: 3 })
      runIds.push(run.runId)
    }
    const refused = new Set(runIds.sort().slice(0, 100))
    room.runs.bus.inTransaction('run.finished', 'spec.refusing', (_, { run }) =>
      refused.has(run.run_id) ? Promise.reject(new Error('no room')) : Promise.resolve(),
    )
    room.runs.worker.start()
    await room.runs.advanceUntil(room.runs.worker.stop(0))
    const { rows } = await room.db.database.query<{ status: string; count: number }>(
      'SELECT status, count(*)::integer AS count FROM runs GROUP BY status ORDER BY status',
    )
    expect(rows.map(({ status, count }) => [status, count])).toEqual([
      ['error', 20],
      ['running', 100],
    ])
  })
})
