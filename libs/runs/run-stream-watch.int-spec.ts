import 'reflect-metadata'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { JsonLogger, newId } from '#kernel'
import { type RunStreams } from '#streaming'
import { FakeClock, openTestDatabase, type TestDatabase } from '#testing'
import { RunQueueRepository } from './run-queue.repository.js'
import { RunStreamWatch } from './run-stream-watch.js'
import { RunsRepository } from './runs.repository.js'
import { aRun } from './runs.spec.support.js'

let db: TestDatabase
beforeAll(async () => {
  db = await openTestDatabase()
})
afterAll(() => db.close())

/** Fires a look and waits until it has armed the next one. */
async function look(clock: FakeClock): Promise<void> {
  await clock.advance(5_000)
  for (let turn = 0; turn < 1_000 && clock.waiting === 0; turn += 1) await db.database.query('SELECT 1')
}

const gone = '019f0000-0000-7000-8000-000000000001'
const failed = '019f0000-0000-7000-8000-000000000002'

/** A run that has failed. */
async function makeFailed(): Promise<void> {
  const [assistantId, threadId] = [newId(), newId()]
  const now = new Date()
  await db.database.query(
    `INSERT INTO assistants (assistant_id, graph_id, name, created_at, updated_at) VALUES ($1, 'g', 'g', $2, $2)`,
    [assistantId, now],
  )
  await db.database.query(
    'INSERT INTO threads (thread_id, created_at, updated_at, state_updated_at) VALUES ($1, $2, $2, $2)',
    [threadId, now],
  )
  const runs = new RunsRepository()
  const run = { ...aRun({ threadId, assistantId, createdAt: now, updatedAt: now }), runId: failed }
  await db.unitOfWork.run((tx) => runs.insert(tx, run))
  const error = { error: 'CustomError', message: 'Boo!' }
  await db.unitOfWork.run((tx) => new RunQueueRepository().end(tx, failed, { status: 'error', error, now }))
}

it('ends a stream whose run is gone although nobody said so, and looks no more once nobody reads', async () => {
  await makeFailed()
  const ended: [string, string | null][] = []
  const abandon = (runId: string, errorJson: string | null) => ended.push([runId, errorJson])
  const streams = { abandon } as unknown as RunStreams
  const clock = new FakeClock()
  const watch = new RunStreamWatch(clock, db.database, new RunsRepository(), streams, JsonLogger.create('silent'))
  const done = new AbortController()
  for (const runId of [gone, failed]) watch.watch(runId, done.signal)
  await look(clock)
  expect(ended).toEqual([])
  await look(clock)
  const told = ended.map(([runId, errorJson]) => [
    runId,
    errorJson === null ? null : (JSON.parse(errorJson) as unknown),
  ])
  expect(told).toEqual([
    [gone, null],
    [failed, { error: 'CustomError', message: 'Boo!' }],
  ])
  done.abort()
  await clock.advance(5_000)
  expect(clock.waiting).toBe(0)
})
