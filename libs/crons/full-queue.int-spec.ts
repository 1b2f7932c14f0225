import 'reflect-metadata'
import { expect, it } from 'vitest'
import { type RunSettings, Settings } from '#config'
import { CronsRoom } from './crons-app.spec.support.js'

const MINUTE = 60_000

const room = CronsRoom.use()

function limit(change: Partial<RunSettings>): void {
  Object.assign(room.crons.runs.app.get(Settings, { strict: false }).runs, change)
}

it('an occurrence waits while the queue is full, and is made once there is room', async () => {
  limit({ maxPending: 1 })
  const waiting = await room.crons.runs.create(null, { afterSeconds: 3_600 })
  const { cron_id: id } = await room.crons.make({ schedule: '*/10 * * * *' })
  room.crons.scheduler.start()
  await room.clock.advance(10 * MINUTE)
  await room.clock.advance(20_000)
  expect(await room.fired()).toHaveLength(1)
  expect(await room.crons.get(id)).toMatchObject({ enabled: true, next_run_date: '2026-01-01T00:10:00.000Z' })
  await room.crons.runs.cancel(waiting)
  await room.advance(MINUTE)
  expect((await room.fired()).filter(({ status }) => status === 'pending')).toHaveLength(1)
  expect(await room.crons.get(id)).toMatchObject({ enabled: true, next_run_date: '2026-01-01T00:20:00.000Z' })
})

it('an occurrence is skipped when too many runs wait on its thread', async () => {
  limit({ maxPendingPerThread: 1 })
  const threadId = await room.crons.runs.makeThread()
  await room.crons.runs.create(threadId, { afterSeconds: 3_600 })
  const { cron_id: id } = await room.crons.make({}, threadId)
  room.crons.scheduler.start()
  await room.advance(MINUTE)
  expect(await room.fired()).toHaveLength(1)
  expect(await room.crons.get(id)).toMatchObject({ enabled: true, disabled_reason: null })
})
