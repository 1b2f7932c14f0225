import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { EMPTY_THREAD_STATE } from '#graphs'
import { stateSelection } from './state-selection.js'

const state = { ...EMPTY_THREAD_STATE, values: { a: 1, 'b.c': 2 }, next: ['x'] }

describe('stateSelection', () => {
  it.each([undefined, null, []])('takes everything for %j', (select) => {
    expect(stateSelection(select)(state)).toBe(state)
  })

  it.each([
    [['next'], { next: ['x'] }],
    [['values.a'], { values: { a: 1 } }],
    [['values.b.c', 'next'], { values: { 'b.c': 2 }, next: ['x'] }],
    [['values.gone'], { values: {} }],
    [['values', 'values.a'], { values: state.values }],
  ])('takes %j', (select, picked) => {
    expect(stateSelection(select)(state)).toEqual(picked)
  })

  it('gives no key of values that are no object', () => {
    expect(stateSelection(['values.a'])({ ...state, values: [1] })).toEqual({ values: {} })
  })

  it.each(['value', 'values.', 'tasks.0', '__proto__'])('refuses %s', (member) => {
    expect(() => stateSelection(['next', member])).toThrow(`select: unknown field "${member}"`)
  })
})
