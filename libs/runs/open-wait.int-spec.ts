import 'reflect-metadata'
import { expect, it, vi } from 'vitest'
import { databaseAway } from '#database'
import { RunsRoom } from './runs-room.spec.support.js'

const room = RunsRoom.use()

it('a wait that is open lasts over a time without a database, and answers afterwards', async () => {
  room.runs.worker.start()
  const payload = { assistant_id: 'graph', input: {} }
  const waiting = room.runs.app.inject({ method: 'POST', url: '/runs/wait', payload })
  const execution = await room.runs.executor.next()
  const query = vi.spyOn(room.db.database, 'query').mockRejectedValue(databaseAway())
  const asksForTheRun = ([sql]: [string, ...unknown[]]) => sql.includes('FROM runs WHERE run_id = $1 AND thread_id')
  // The wait may still be on its way to its first look.
  while (!query.mock.calls.some(asksForTheRun)) await room.runs.clock.advance(5_000)
  await room.runs.clock.advance(10_000)
  query.mockRestore()
  execution.end()
  expect((await waiting).json()).toEqual({ log: ['done'] })
})
