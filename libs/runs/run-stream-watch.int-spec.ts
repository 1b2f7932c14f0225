import 'reflect-metadata'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { JsonLogger } from '#kernel'
import { type RunStreams } from '#streaming'
import { FakeClock, openTestDatabase, type TestDatabase } from '#testing'
import { RunStreamWatch } from './run-stream-watch.js'
import { RunsRepository } from './runs.repository.js'

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

it('ends a stream whose run is gone although nobody said so, and looks no more once nobody reads', async () => {
  const ended: string[] = []
  const streams = { abandon: (runId: string) => ended.push(runId) } as unknown as RunStreams
  const clock = new FakeClock()
  const watch = new RunStreamWatch(clock, db.database, new RunsRepository(), streams, JsonLogger.create('silent'))
  const done = new AbortController()
  const gone = '019f0000-0000-7000-8000-000000000001'
  watch.watch(gone, done.signal)
  await look(clock)
  expect(ended).toEqual([])
  await look(clock)
  expect(ended).toEqual([gone])
  done.abort()
  await clock.advance(5_000)
  expect(clock.waiting).toBe(0)
})
