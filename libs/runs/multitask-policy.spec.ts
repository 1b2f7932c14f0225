import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { decideMultitask } from './multitask-policy.js'

describe('the multitask strategy', () => {
  it.each(['reject', 'enqueue', 'interrupt', 'rollback'] as const)('%s creates on a free thread', (strategy) => {
    expect(decideMultitask(strategy, { inFlight: 0, limit: 10 })).toEqual({ create: true, cancel: null })
  })

  it.each([
    ['reject', { create: false, because: 'busy' }],
    ['enqueue', { create: true, cancel: null }],
    ['interrupt', { create: true, cancel: 'interrupt' }],
    ['rollback', { create: true, cancel: 'rollback' }],
  ] as const)('%s on a thread with runs in flight', (strategy, decision) => {
    expect(decideMultitask(strategy, { inFlight: 1, limit: 10 })).toEqual(decision)
    expect(decideMultitask(strategy, { inFlight: 5, limit: 10 })).toEqual(decision)
  })

  it.each([
    ['reject', { create: false, because: 'busy' }],
    ['enqueue', { create: false, because: 'full' }],
    ['interrupt', { create: true, cancel: 'interrupt' }],
    ['rollback', { create: true, cancel: 'rollback' }],
  ] as const)('%s on a thread whose queue is full', (strategy, decision) => {
    expect(decideMultitask(strategy, { inFlight: 10, limit: 10 })).toEqual(decision)
  })
})
