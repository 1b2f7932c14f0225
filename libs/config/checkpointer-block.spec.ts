import 'reflect-metadata'
import { expect, it } from 'vitest'
import { faultsOf, load } from './project.spec.support.js'

it('reads checkpointer.ttl', () => {
  const ttl = { strategy: 'keep_latest', default_ttl: 0.5, sweep_interval_minutes: 10, sweep_limit: 7 }
  const settings = load({ checkpointer: { ttl } })
  expect(settings.warnings).toEqual([])
  expect(settings.threadTtl).toEqual({
    default: { strategy: 'keep_latest', minutes: 0.5 },
    sweepIntervalMinutes: 10,
    sweepLimit: 7,
  })
})

it('lets threads live for ever by default, and deletes those that have a lifetime', () => {
  expect(load({}).threadTtl).toEqual({ default: null, sweepIntervalMinutes: 5, sweepLimit: 1_000 })
  const { threadTtl } = load({ checkpointer: { ttl: { default_ttl: 60, strategy: null } } })
  expect(threadTtl.default).toEqual({ strategy: 'delete', minutes: 60 })
})

it.each([
  [{ default_ttl: 0 }, 'default_ttl must be a number of minutes above 0, at most 52560000'],
  [{ default_ttl: '5' }, 'default_ttl must be a number'],
  [{ strategy: 'archive' }, 'strategy is not a strategy'],
  [{ sweep_interval_minutes: -1 }, 'sweep_interval_minutes must be a number of minutes above 0, at most 10080'],
  [{ sweep_limit: 0 }, 'sweep_limit must be a whole number from 1 to 1000000'],
  [{ sweep_limit: 1.5 }, 'sweep_limit must be a whole number from 1 to 1000000'],
])('refuses %j', (ttl, expected) => {
  expect(faultsOf(() => load({ checkpointer: { ttl } })).lines).toEqual([`checkpointer.ttl.${expected}`])
})

it('is replaced by LANGGRAPH_CHECKPOINTER', () => {
  const own = load(
    { checkpointer: { ttl: { default_ttl: 1 } } },
    { LANGGRAPH_CHECKPOINTER: '{"ttl":{"default_ttl":2}}' },
  )
  expect(own.threadTtl.default).toEqual({ strategy: 'delete', minutes: 2 })
  const { lines } = faultsOf(() => load({}, { LANGGRAPH_CHECKPOINTER: '{"ttl":{"default_ttl":0}}' }))
  expect(lines).toEqual([
    'LANGGRAPH_CHECKPOINTER.ttl.default_ttl must be a number of minutes above 0, at most 52560000',
  ])
})
