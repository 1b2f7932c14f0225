import 'reflect-metadata'
import { SchedulerRegistry } from '@nestjs/schedule'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { JsonLogger } from '#kernel'
import { Gate } from '#testing'
import { THREAD_SWEEP, ThreadSweepSchedule } from './thread-sweep-schedule.js'
import type { ThreadSweeper } from './thread-sweeper.js'
import { withThreadTtl } from './threads-app.spec.support.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function scheduleOf(sweep: () => Promise<number>) {
  const registry = new SchedulerRegistry()
  const stop = vi.fn()
  const settings = withThreadTtl(null, { sweepIntervalMinutes: 7 })
  const sweeper = { sweep, stop } as unknown as ThreadSweeper
  return { registry, stop, schedule: new ThreadSweepSchedule(registry, sweeper, settings, JsonLogger.create('silent')) }
}

it('sweeps by its interval, also after a sweep that failed', async () => {
  let sweeps = 0
  const { registry, schedule } = scheduleOf(() => {
    sweeps += 1
    return sweeps === 1 ? Promise.reject(new Error('the database is away')) : Promise.resolve(3)
  })
  schedule.start()
  expect(registry.getIntervals()).toEqual([THREAD_SWEEP])
  await vi.advanceTimersByTimeAsync(7 * 60_000 - 1)
  expect(sweeps).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(sweeps).toBe(1)
  await vi.advanceTimersByTimeAsync(7 * 60_000)
  expect(sweeps).toBe(2)
})

it('never sweeps twice at once, and ends only when the sweep has', async () => {
  const gate = new Gate()
  let sweeps = 0
  const { registry, stop, schedule } = scheduleOf(async () => {
    sweeps += 1
    await gate.opened
    return 0
  })
  schedule.start()
  await vi.advanceTimersByTimeAsync(3 * 7 * 60_000)
  expect(sweeps).toBe(1)
  let hasEnded = false
  const ending = schedule.beforeApplicationShutdown().then(() => (hasEnded = true))
  await vi.advanceTimersByTimeAsync(0)
  expect([hasEnded, registry.getIntervals(), stop.mock.calls.length]).toEqual([false, [], 1])
  gate.open()
  await ending
})
