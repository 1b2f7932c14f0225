import 'reflect-metadata'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#kernel'
import { openTestDatabase, type TestDatabase } from '#testing'
import type { Run } from './run.js'
import { RunQueueRepository } from './run-queue.repository.js'
import { RunsRepository } from './runs.repository.js'
import { aRun } from './runs.spec.support.js'

const NOW = new Date('2026-01-01T12:00:00.000Z')
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000)
const times = { now: NOW, leaseUntil: at(60) }

describe('the queue of runs', () => {
  const queue = new RunQueueRepository()
  const runs = new RunsRepository()
  const assistantId = newId()
  let db: TestDatabase

  beforeAll(async () => {
    db = await openTestDatabase()
    await db.database.query(
      `INSERT INTO assistants (assistant_id, graph_id, name, created_at, updated_at) VALUES ($1, 'g', 'g', $2, $2)`,
      [assistantId, NOW],
    )
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.database.query('TRUNCATE threads CASCADE')
  })

  async function thread(): Promise<string> {
    const threadId = newId()
    await db.database.query(
      'INSERT INTO threads (thread_id, created_at, updated_at, state_updated_at) VALUES ($1, $2, $2, $2)',
      [threadId, NOW],
    )
    return threadId
  }

  /** A pending run that is due (or will be) at this many seconds from now. */
  async function pending(threadId: string, dueSeconds: number): Promise<Run> {
    const run = aRun({ threadId, assistantId, createdAt: at(dueSeconds), updatedAt: NOW })
    await db.unitOfWork.run((tx) => runs.insert(tx, run))
    return run
  }

  const claim = (workerId: string, limit = 10, now = NOW) =>
    queue.claimDue(db.database, workerId, limit, { now, leaseUntil: times.leaseUntil })
  const ids = (list: readonly { readonly runId: string }[]) => list.map(({ runId }) => runId)
  const claimOf = (run: Run) => ({ runId: run.runId, workerId: run.claimedBy ?? '', attempt: run.attempt })
  const lockClaimed = (fence: ReturnType<typeof claimOf>) => db.unitOfWork.run((tx) => queue.lockClaimed(tx, fence))

  it('is claimed in the order of creation, up to the limit', async () => {
    const late = await pending(await thread(), -1)
    const early = await pending(await thread(), -3)
    const middle = await pending(await thread(), -2)
    expect(ids(await claim('w', 2))).toEqual([early.runId, middle.runId])
    expect(ids(await claim('w', 2))).toEqual([late.runId])
    expect(await claim('w', 2)).toEqual([])
  })

  it('gives a claimed run its worker, attempt and start', async () => {
    const run = await pending(await thread(), -1)
    expect(await claim('w', 1, at(2))).toMatchObject([
      { runId: run.runId, status: 'running', claimedBy: 'w', attempt: 1, startedAt: at(2), updatedAt: at(2) },
    ])
  })

  it('gives out one run of a thread at a time, the oldest first', async () => {
    const threadId = await thread()
    const [first, second, third] = [
      await pending(threadId, -3),
      await pending(threadId, -2),
      await pending(threadId, -1),
    ]
    for (const expected of [first, second, third]) {
      const claimed = await claim('w')
      expect(ids(claimed)).toEqual([expected.runId])
      expect(await claim('w')).toEqual([])
      await db.unitOfWork.run((tx) => queue.end(tx, expected.runId, { status: 'success', error: null, now: NOW }))
    }
  })

  it('gives out none of a thread that has a running one, be its time before that of the running one', async () => {
    const threadId = await thread()
    const running = await pending(threadId, -1)
    await claim('w')
    const byAnotherClock = await pending(threadId, -5)
    expect(await claim('w')).toEqual([])
    await db.unitOfWork.run((tx) => queue.end(tx, running.runId, { status: 'success', error: null, now: NOW }))
    expect(ids(await claim('w'))).toEqual([byAnotherClock.runId])
  })

  it('sorts runs of the same moment by their ids', async () => {
    const threadId = await thread()
    const made = [await pending(threadId, -1), await pending(threadId, -1)]
    expect(ids(await claim('w'))).toEqual([ids(made).sort()[0]])
  })

  it('leaves a delayed run alone until it is due, and lets it hold up nobody', async () => {
    const threadId = await thread()
    const delayed = await pending(threadId, 10)
    expect(await claim('w')).toEqual([])
    expect(await queue.nextDue(db.database, NOW)).toEqual(at(10))
    const due = await pending(threadId, 0)
    expect(ids(await claim('w'))).toEqual([due.runId])
    expect(await claim('w', 10, at(10))).toEqual([])
    await db.unitOfWork.run((tx) => queue.end(tx, due.runId, { status: 'success', error: null, now: NOW }))
    expect(ids(await claim('w', 10, at(10)))).toEqual([delayed.runId])
    expect(await queue.nextDue(db.database, at(10))).toBeNull()
  })

  it('never gives one run to two who claim at once, nor two runs of one thread', async () => {
    const threads = await Promise.all(Array.from({ length: 10 }, () => thread()))
    for (const threadId of threads) for (let made = 0; made < 3; made += 1) await pending(threadId, -10 + made)
    for (let round = 0; round < 3; round += 1) {
      const claimed = (await Promise.all(['a', 'b', 'c', 'd'].map((worker) => claim(worker, 4)))).flat()
      claimed.push(...(await claim('rest')))
      expect(new Set(ids(claimed)).size).toBe(claimed.length)
      expect(new Set(claimed.map(({ threadId }) => threadId)).size).toBe(10)
      expect(claimed).toHaveLength(10)
      const end = { status: 'success', error: null, now: NOW } as const
      for (const { runId } of claimed) await db.unitOfWork.run((tx) => queue.end(tx, runId, end))
    }
    expect(await claim('rest')).toEqual([])
  })

  it('lets only the claimer of this attempt write', async () => {
    await pending(await thread(), -1)
    const [run] = (await claim('w')) as [Run]
    const fence = claimOf(run)
    expect((await lockClaimed(fence))?.runId).toBe(run.runId)
    expect(await lockClaimed({ ...fence, workerId: 'other' })).toBeNull()
    expect(await lockClaimed({ ...fence, attempt: 2 })).toBeNull()
    expect(await lockClaimed({ ...fence, attempt: 0 })).toBeNull()
    expect(await db.unitOfWork.run((tx) => queue.lockPending(tx, run.runId))).toBeNull()
    await db.unitOfWork.run((tx) => queue.end(tx, run.runId, { status: 'success', error: null, now: at(9) }))
    expect(await lockClaimed(fence)).toBeNull()
    const { rows } = await db.database.query(
      'SELECT status, claimed_by, lease_until, updated_at, ended_at FROM runs WHERE run_id = $1',
      [run.runId],
    )
    expect(rows).toEqual([
      { status: 'success', claimed_by: null, lease_until: null, updated_at: at(9), ended_at: at(9) },
    ])
  })

  it('counts those that wait, delayed ones too, as far as it is asked', async () => {
    await pending(await thread(), -3)
    await claim('w')
    for (const seconds of [-2, -1, 60]) await pending(await thread(), seconds)
    expect(await queue.countPending(db.database, 10)).toBe(3)
    expect(await queue.countPending(db.database, 2)).toBe(2)
  })

  it('shows a worker what it still holds, with wishes to cancel', async () => {
    await pending(await thread(), -2)
    await pending(await thread(), -1)
    const [first, second] = (await claim('w')) as [Run, Run]
    await db.unitOfWork.run((tx) => runs.wishStop(tx, second.runId, 'interrupt'))
    const both = ids([first, second])
    expect(await queue.renew(db.database, 'other', both, at(90))).toEqual([])
    expect(await queue.renew(db.database, 'w', ids([first]), at(60))).toHaveLength(1)
    const held = await queue.renew(db.database, 'w', both, at(90))
    expect(held.sort((a, b) => a.runId.localeCompare(b.runId))).toEqual([
      { runId: first.runId, cancelAction: null },
      { runId: second.runId, cancelAction: 'interrupt' },
    ])
    const abandoned = (now: Date) =>
      queue.abandoned(db.database, 'other', { now, all: false, limit: 10, afterId: null })
    expect(await abandoned(at(90))).toEqual([])
    expect(ids(await abandoned(at(91))).sort()).toEqual(ids([first, second]).sort())
  })

  it('counts as abandoned what is past its lease, also one’s own, or all that others hold', async () => {
    const run = await pending(await thread(), -1)
    await claim('w')
    const abandoned = (worker: string, now: Date, all: boolean) =>
      queue.abandoned(db.database, worker, { now, all, limit: 10, afterId: null })
    expect(await abandoned('other', at(60), false)).toEqual([])
    expect(ids(await abandoned('other', at(61), false))).toEqual([run.runId])
    expect(ids(await abandoned('other', NOW, true))).toEqual([run.runId])
    expect(await abandoned('w', at(60), true)).toEqual([])
    expect(ids(await abandoned('w', at(61), false))).toEqual([run.runId])
  })

  it('takes a run back only by its fence, counting the hand-back of a shutdown', async () => {
    await pending(await thread(), -1)
    const [run] = (await claim('w')) as [Run]
    const fence = claimOf(run)
    const release = (changed: typeof fence, handBack: boolean) =>
      queue.release(db.database, changed, { now: at(1), handBack })
    expect(await release({ ...fence, attempt: 2 }, true)).toBe(false)
    expect(await release({ ...fence, workerId: 'other' }, true)).toBe(false)
    expect(await release(fence, true)).toBe(true)
    expect(await release(fence, true)).toBe(false)
    const [again] = (await claim('w2', 10, at(5))) as [Run]
    expect(again).toMatchObject({ attempt: 2, handedBack: 1, startedAt: NOW })
    expect(await release(claimOf(again), false)).toBe(true)
    expect(await claim('w3')).toMatchObject([{ attempt: 3, handedBack: 1 }])
  })

  it('keeps a run that somebody wants cancelled out of the queue', async () => {
    await pending(await thread(), -1)
    const [run] = (await claim('w')) as [Run]
    await db.unitOfWork.run((tx) => runs.wishStop(tx, run.runId, 'interrupt'))
    expect(await queue.release(db.database, claimOf(run), { now: NOW, handBack: true })).toBe(false)
  })
})
