import 'reflect-metadata'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { JsonLogger, newId } from '#kernel'
import type { ThreadStreams } from '#streaming'
import { FakeClock } from '#testing'
import { openThreadsApp, type ThreadsApp, withThreadTtl } from './threads-app.spec.support.js'
import { ThreadStreamWatch } from './thread-stream-watch.js'
import { ThreadsRepository } from './threads.repository.js'

let app: ThreadsApp
beforeAll(async () => {
  app = await openThreadsApp()
})
afterAll(() => app.close())

it('ends the stream of a thread that is gone although nobody said so, and looks while there are readers', async () => {
  const gone = newId()
  const followed = new Set([gone, await app.insert({})])
  const streams = {
    followed: () => [...followed],
    end: (threadId: string) => followed.delete(threadId),
  } as unknown as ThreadStreams
  const clock = new FakeClock()
  const repository = new ThreadsRepository(withThreadTtl(null))
  const watch = new ThreadStreamWatch(clock, app.db.database, repository, streams, JsonLogger.create('silent'))
  watch.start()
  watch.start()
  expect(clock.waiting).toBe(1)
  await clock.advance(30_000)
  for (let turn = 0; turn < 1_000 && clock.waiting === 0; turn += 1) await app.db.database.query('SELECT 1')
  expect(followed.has(gone)).toBe(false)
  expect(followed.size).toBe(1)
  watch.onModuleDestroy()
  watch.start()
  expect(clock.waiting).toBe(0)
})
