import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { decideMultitask } from './multitask-policy.js'

describe('the multitask strategy', () => {
  it.each(['reject', 'enqueue', 'interrupt', 'rollback'] as const)('%s creates on a free thread', (strategy) => {
    expect(decideMultitask(strategy, 0)).toEqual({ create: true, cancel: null })
  })

  it.each([
    ['reject', { create: false }],
    ['enqueue', { create: true, cancel: null }],
    ['interrupt', { create: true, cancel: 'interrupt' }],
    ['rollback', { create: true, cancel: 'rollback' }],
  ] as const)('%s on a thread with runs in flight', (strategy, decision) => {
    expect(decideMultitask(strategy, 1)).toEqual(decision)
    expect(decideMultitask(strategy, 5)).toEqual(decision)
  })
})
