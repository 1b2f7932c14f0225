import { expect, it, vi } from 'vitest'
import { MetricSources } from '#kernel'
import { FakeClock } from '#testing'
import { EventLoopDelay, INTERVAL_MS } from './event-loop-delay.js'

it('offers the delays of the last interval, in seconds', async () => {
  const sources = new MetricSources()
  const clock = new FakeClock()
  const delay = new EventLoopDelay(sources, clock)
  delay.onModuleInit()
  const read = async () => (await sources.all.get('event_loop')?.())?.map(({ name, value }) => [name, value] as const)
  expect((await read())?.map(([name]) => name)).toEqual([
    'nodejs_eventloop_lag_p50_seconds',
    'nodejs_eventloop_lag_p99_seconds',
    'nodejs_eventloop_lag_max_seconds',
  ])
  await vi.waitFor(
    async () => {
      const spinUntil = performance.now() + 100
      while (performance.now() < spinUntil);
      await clock.advance(INTERVAL_MS)
      expect((await read())?.at(-1)?.[1]).toBeGreaterThan(0)
    },
    { timeout: 10_000 },
  )
  delay.onModuleDestroy()
  expect(clock.waiting).toBe(0)
})
