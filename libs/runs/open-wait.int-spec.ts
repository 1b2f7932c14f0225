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
  await room.runs.clock.advance(15_000)
  expect(query.mock.calls.filter(([sql]) => sql.includes('FROM runs WHERE run_id = $1 AND thread_id'))).not.toEqual([])
  query.mockRestore()
  execution.end()
  expect((await waiting).json()).toEqual({ log: ['done'] })
})
