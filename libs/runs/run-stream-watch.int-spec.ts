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

/** Waits for real I/O of a look between two steps of the clock. */
async function looks(clock: FakeClock, times: number): Promise<void> {
  for (let look = 0; look < times; look += 1) {
    await clock.advance(5_000)
    await db.database.query('SELECT 1')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

it('ends a stream whose run is gone although nobody said so, and looks no more once nobody reads', async () => {
  const ended: string[] = []
  const streams = { end: (runId: string) => ended.push(runId) } as unknown as RunStreams
  const clock = new FakeClock()
  const watch = new RunStreamWatch(clock, db.database, new RunsRepository(), streams, JsonLogger.create('silent'))
  const done = new AbortController()
  const gone = '019f0000-0000-7000-8000-000000000001'
  watch.watch(gone, done.signal)
  await looks(clock, 1)
  expect(ended).toEqual([])
  await looks(clock, 1)
  expect(ended).toEqual([gone])
  done.abort()
  await looks(clock, 1)
  expect(clock.waiting).toBe(0)
})
