import 'reflect-metadata'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { RunStreams } from '#streaming'
import type { FakeExecution } from './fake-executor.spec.support.js'
import { RunQueue } from './run-queue.js'
import type { Run } from './run.js'
import { leaveRunning, outbox, stealRun } from './runs-app.spec.support.js'
import { RunsRoom, WEBHOOK } from './runs-room.spec.support.js'

const LEASE_MS = 60_000

describe('the leases of a worker beside which there may be others', () => {
  const room = RunsRoom.use({ leaseMs: LEASE_MS }, true)

  /** A run that the worker executes. */
  async function executing(): Promise<{ run: Run; execution: FakeExecution }> {
    room.runs.worker.start()
    const run = await room.runs.create(await room.runs.makeThread(), { webhook: WEBHOOK })
    return { run, execution: await room.runs.executor.next() }
  }

  const mayWrite = ({ hooks }: FakeExecution) => hooks.mayWrite?.()

  /** The time goes on while the process does nothing. */
  const sleep = (ms: number) =>
    vi.spyOn(room.runs.clock, 'now').mockReturnValue(new Date(room.runs.clock.now().getTime() + ms))

  /** Another process has had the run and given it back. */
  const giveBack = ({ runId }: Run) =>
    room.db.database.query(
      `UPDATE runs SET status = 'pending', claimed_by = NULL, lease_until = NULL, handed_back = 1 WHERE run_id = $1`,
      [runId],
    )

  async function leaseOf({ runId }: Run): Promise<number> {
    const { rows } = await room.db.database.query<{ lease: Date }>(
      'SELECT lease_until AS lease FROM runs WHERE run_id = $1',
      [runId],
    )
    return rows[0]!.lease.getTime() - room.runs.clock.now().getTime()
  }

  it('let its graphs write for as long as they last, without a question', async () => {
    const { execution } = await executing()
    const renewing = vi.spyOn(room.runs.app.get(RunQueue), 'renew')
    sleep(LEASE_MS - 1)
    expect(await mayWrite(execution)).toBe(true)
    expect(renewing).not.toHaveBeenCalled()
  })

  it('let its graphs store a step only once what they have said can be read everywhere', async () => {
    const { execution } = await executing()
    let canBeRead = () => {}
    const flushed = new Promise<void>((resolve) => (canBeRead = resolve))
    vi.spyOn(room.runs.app.get(RunStreams, { strict: false }), 'flushed').mockReturnValueOnce(flushed)
    let isAllowed: boolean | undefined
    const asked = mayWrite(execution)?.then((allowed) => (isAllowed = allowed))
    await nextTurn()
    expect(isAllowed).toBe(undefined)
    canBeRead()
    expect(await asked).toBe(true)
  })

  it('that have passed unseen are renewed before a write, where nobody has taken the run', async () => {
    const { run, execution } = await executing()
    sleep(LEASE_MS)
    expect(await mayWrite(execution)).toBe(true)
    expect(await leaseOf(run)).toBe(LEASE_MS)
    expect(execution.hooks.signal.aborted).toBe(false)
  })

  it('that have passed end the graph at its next write, where another process has the run', async () => {
    const { run, execution } = await executing()
    await stealRun(room.db, run)
    sleep(LEASE_MS)
    expect(await mayWrite(execution)).toBe(false)
    expect(execution.hooks.signal.aborted).toBe(true)
    expect(await mayWrite(execution)).toBe(false)
    await room.runs.advanceUntil(room.runs.worker.stop(0))
    expect(await room.runs.run(run)).toMatchObject({ status: 'running', claimedBy: 'thief', attempt: 2 })
    expect([room.runs.finished, await outbox(room.db)]).toEqual([[], []])
  })

  it('let nothing be written while they have passed and cannot be renewed', async () => {
    const { execution } = await executing()
    vi.spyOn(room.runs.app.get(RunQueue), 'renew').mockRejectedValue(new Error('the database is away'))
    sleep(LEASE_MS)
    expect(await mayWrite(execution)).toBe(false)
    expect(execution.hooks.signal.aborted).toBe(true)
  })

  it('that a renewal has extended last from that renewal on', async () => {
    const { run, execution } = await executing()
    const renewing = vi.spyOn(room.runs.app.get(RunQueue), 'renew')
    await room.runs.clock.advance(LEASE_MS / 3)
    await expect.poll(() => leaseOf(run)).toBe(LEASE_MS)
    sleep(LEASE_MS - 1)
    expect(await mayWrite(execution)).toBe(true)
    expect(renewing).toHaveBeenCalledTimes(1)
  })

  it('end a graph once they have passed without a renewal, and not before', async () => {
    const { execution } = await executing()
    vi.spyOn(room.runs.app.get(RunQueue), 'renew').mockRejectedValue(new Error('the database is away'))
    await room.runs.clock.advance(LEASE_MS - 1)
    expect(execution.hooks.signal.aborted).toBe(false)
    await room.runs.clock.advance(1)
    expect(execution.hooks.signal.aborted).toBe(true)
  })

  it('of others are waited for at the start: only what has passed is taken up', async () => {
    const [held, lost] = [await room.runs.create(null), await room.runs.create(null)]
    await leaveRunning(room.db, held, { attempt: 1, leaseUntil: 'infinity' })
    await leaveRunning(room.db, lost, { attempt: 1 })
    room.runs.worker.start()
    expect((await room.runs.executor.next()).request).toMatchObject({ runId: lost.runId, attempt: 2 })
    await room.runs.advanceUntil(room.runs.worker.stop(0))
    expect(await room.runs.run(held)).toMatchObject({ status: 'running', claimedBy: 'dead-process', attempt: 1 })
  })

  it('of runs that are handed back are given up, and others are told', async () => {
    const told: string[] = []
    room.runs.bus.anywhere('run.handedBack', 'spec', (runId) => void told.push(runId))
    const { run } = await executing()
    await room.runs.advanceUntil(room.runs.worker.stop(0))
    await nextTurn()
    expect(told).toEqual([run.runId])
  })

  it('of others end with their runs: what waits behind one is executed once its end is told', async () => {
    const before = await room.runs.create(await room.runs.makeThread())
    await leaveRunning(room.db, before, { attempt: 1, leaseUntil: 'infinity' })
    const waiting = await room.runs.create(before.threadId)
    room.runs.worker.start()
    await room.db.database.query('SELECT 1')
    expect(room.runs.executor.executions).toEqual([])
    await room.db.database.query(`UPDATE runs SET status = 'success', claimed_by = NULL WHERE run_id = $1`, [
      before.runId,
    ])
    room.runs.bus.heard('run.finished', before.runId)
    expect((await room.runs.executor.next()).request.runId).toBe(waiting.runId)
  })

  it('leave one attempt of a run that comes back to its worker: the earlier one stops and stores nothing', async () => {
    const { run, execution } = await executing()
    await giveBack(run)
    room.runs.bus.heard('run.handedBack', run.runId)
    const again = await room.runs.executor.next()
    expect(again.request).toMatchObject({ runId: run.runId, attempt: 2 })
    expect([execution.hooks.signal.aborted, again.hooks.signal.aborted]).toEqual([true, false])
    expect([await mayWrite(execution), await mayWrite(again)]).toEqual([false, true])
    await room.db.database.query('SELECT 1')
    expect(room.runs.worker.active).toBe(1)
    again.end()
    expect((await room.runs.end(run)).status).toBe('success')
    expect(room.runs.finished).toHaveLength(1)
  })

  it('are looked at when news may have been missed: of wishes to cancel, and of runs that wait', async () => {
    const { run, execution } = await executing()
    const waiting = await room.runs.create(await room.runs.makeThread(), { afterSeconds: 60 })
    await room.db.database.query(`UPDATE runs SET cancel_action = 'interrupt' WHERE run_id = $1`, [run.runId])
    await room.db.database.query('UPDATE runs SET created_at = $2 WHERE run_id = $1', [
      waiting.runId,
      room.runs.clock.now(),
    ])
    room.runs.bus.missed()
    expect((await room.runs.executor.next()).request.runId).toBe(waiting.runId)
    await execution.ended
    expect((await room.runs.end(run)).status).toBe('interrupted')
  })

  it('are of no use to a run that is to be cancelled as it is claimed', async () => {
    const queue = room.runs.app.get(RunQueue)
    const claim = queue.claim.bind(queue)
    vi.spyOn(queue, 'claim').mockImplementation(async (...args) => {
      const runs = await claim(...args)
      for (const { runId } of runs) room.runs.bus.heard('run.cancelRequested', runId)
      await nextTurn()
      return runs
    })
    const { execution } = await executing()
    expect(execution.hooks.signal.aborted).toBe(true)
  })
})
