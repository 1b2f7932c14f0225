import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { outbox } from './runs-app.spec.support.js'
import { RunsRoom, WEBHOOK } from './runs-room.spec.support.js'

describe('the end of a run and its webhook', () => {
  const room = RunsRoom.use()

  it('are stored together or not at all: a subscriber that throws undoes both, and both are tried again', async () => {
    const seen: unknown[] = []
    let failures = 3
    room.runs.bus.inTransaction('run.finished', 'spec.failing', async (tx, event) => {
      const { rows } = await tx.query<{ status: string; deliveries: string }>(
        'SELECT status, (SELECT count(*) FROM webhook_deliveries) AS deliveries FROM runs WHERE run_id = $1',
        [event.run.run_id],
      )
      seen.push([rows[0]?.status, Number(rows[0]?.deliveries)])
      failures -= 1
      if (failures >= 0) throw new Error('no room')
    })
    room.runs.worker.start()
    const run = await room.runs.create(await room.runs.makeThread(), { webhook: WEBHOOK })
    const execution = await room.runs.executor.next()
    execution.end()
    await room.runs.advanceUntil(room.runs.end(run))
    // Each try started from what was there before: one end, one delivery, never a second one beside it.
    expect(seen).toEqual(Array(4).fill(['success', 1]))
    expect(room.runs.finished).toHaveLength(1)
    expect((await room.runs.run(run))?.status).toBe('success')
    expect(await outbox(room.db)).toHaveLength(1)
  })

  it('leave nothing behind while they cannot be stored', async () => {
    let tries = 0
    room.runs.bus.inTransaction('run.finished', 'spec.failing', () => {
      tries += 1
      return tries === 1 ? Promise.reject(new Error('no room')) : Promise.resolve()
    })
    room.runs.worker.start()
    const threadId = await room.runs.makeThread()
    const run = await room.runs.create(threadId, { webhook: WEBHOOK })
    const execution = await room.runs.executor.next()
    const timers = room.runs.clock.waiting
    execution.end()
    await room.runs.timersAbove(timers)
    expect(await room.runs.run(run)).toMatchObject({ status: 'running', attempt: 1 })
    expect(await room.runs.thread(threadId)).toMatchObject({ status: 'busy', values: null })
    expect([room.runs.finished, await outbox(room.db)]).toEqual([[], []])
    const joining = room.runs.app.inject({ url: `/threads/${threadId}/runs/${run.runId}/join` })
    await room.runs.advanceUntil(room.runs.end(run))
    expect((await joining).json()).toEqual({ log: ['done'] })
  })

  it('whose answer was lost ends the stream too, with the error of the run', async () => {
    room.runs.bus.inTransaction('run.finished', 'spec.lossy', async (tx) => {
      await tx.query('COMMIT')
      throw new Error('the answer was lost')
    })
    room.runs.worker.start()
    const threadId = await room.runs.makeThread()
    const run = await room.runs.create(threadId, { webhook: WEBHOOK })
    const execution = await room.runs.executor.next()
    const streaming = room.runs.app.inject({ url: `/threads/${threadId}/runs/${run.runId}/stream?last_event_id=-1` })
    execution.end({ status: 'error', error: { error: 'CustomError', message: 'Boo!' } })
    const { body } = await room.runs.advanceUntil(streaming)
    expect(body).toMatch(/event: error\r?\ndata: {"error":"CustomError","message":"Boo!"}/)
    expect([(await room.runs.run(run))?.status, (await outbox(room.db)).length]).toEqual(['error', 1])
  })

  it('that another process has made meanwhile is what is answered, not what could not be stored', async () => {
    room.runs.bus.inTransaction('run.finished', 'spec.failing', () => Promise.reject(new Error('no room')))
    room.runs.worker.start()
    const waiting = room.runs.app.inject({
      method: 'POST',
      url: '/runs/wait',
      payload: { assistant_id: 'graph', input: {} },
    })
    const execution = await room.runs.executor.next()
    const timers = room.runs.clock.waiting
    execution.end()
    await room.runs.timersAbove(timers)
    await room.db.database.query('DELETE FROM threads')
    expect((await room.runs.advanceUntil(waiting)).json()).toEqual({})
  })

  it('becomes an error when its content can never be stored', async () => {
    room.runs.bus.inTransaction('run.finished', 'spec.choosy', (_, { status }) =>
      status === 'success'
        ? Promise.reject(Object.assign(new Error('value too long'), { code: '54000' }))
        : Promise.resolve(),
    )
    room.runs.worker.start()
    const run = await room.runs.create(await room.runs.makeThread(), { webhook: WEBHOOK })
    const execution = await room.runs.executor.next()
    execution.end()
    expect(await room.runs.end(run)).toMatchObject({
      status: 'error',
      error: { error: 'UnstorableResult' },
    })
    expect(await outbox(room.db)).toMatchObject([{ body: { status: 'error' } }])
  })

  it('makes no delivery for a run without a webhook', async () => {
    room.runs.worker.start()
    const run = await room.runs.create(await room.runs.makeThread())
    const execution = await room.runs.executor.next()
    execution.end()
    await room.runs.end(run)
    expect(await outbox(room.db)).toEqual([])
  })
})
