import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import type { ExecuteOutcome, SettledState } from '#graphs'
import { cancelledEnding, endingOf, exhaustedEnding, settledThreadStatus } from './run-ending.js'

const DONE: SettledState = { valuesJson: '{"a":1}', next: [], interruptsJson: '{}' }
const PAUSED: SettledState = { valuesJson: '{"a":1}', next: ['ask'], interruptsJson: '{"t":[{"value":1}]}' }
const NO_LIMIT = { timedOutAfterMs: null }

function outcome(change: Partial<ExecuteOutcome>): ExecuteOutcome {
  return { status: 'success', error: null, lastValuesJson: null, interruptsJson: null, state: DONE, ...change }
}

describe('how a run ends', () => {
  it('is success when the graph finished, and when it stopped to ask a person', () => {
    expect(endingOf(outcome({}), NO_LIMIT)).toEqual({ status: 'success', error: null, state: DONE })
    expect(endingOf(outcome({ state: PAUSED }), NO_LIMIT)).toMatchObject({ status: 'success', state: PAUSED })
  })

  it('is error, with the graph’s own error, when it threw', () => {
    const error = { error: 'CustomError', message: 'Boo!' }
    expect(endingOf(outcome({ status: 'error', error }), NO_LIMIT)).toEqual({ status: 'error', error, state: DONE })
  })

  it('is interrupted when it was stopped for another reason than time', () => {
    expect(endingOf(outcome({ status: 'aborted' }), NO_LIMIT)).toMatchObject({ status: 'interrupted', error: null })
  })

  it.each(['success', 'error', 'aborted'] as const)('is timeout past the limit, though the graph says %s', (status) => {
    const ending = endingOf(outcome({ status }), { timedOutAfterMs: 1_500 })
    expect(ending).toEqual({
      status: 'timeout',
      error: { error: 'TimeoutError', message: 'Run exceeded its time limit of 1500 ms' },
      state: DONE,
    })
  })

  it('keeps the state of a run cancelled by interrupt, and nothing of one rolled back', () => {
    expect(cancelledEnding('interrupt', PAUSED)).toEqual({ status: 'interrupted', error: null, state: PAUSED })
    expect(cancelledEnding('rollback', PAUSED)).toEqual({ status: 'rollback', error: null, state: null })
  })

  it('is error when its attempts are used up, with the state that is left', () => {
    expect(exhaustedEnding('run-1', PAUSED)).toEqual({
      status: 'error',
      error: { error: 'MaxAttemptsExceeded', message: 'Run run-1 exceeded max attempts' },
      state: PAUSED,
    })
  })
})

describe('the thread’s status after a run', () => {
  it.each([
    ['success', DONE, 'idle'],
    ['success', PAUSED, 'interrupted'],
    ['interrupted', DONE, 'idle'],
    ['interrupted', PAUSED, 'interrupted'],
    ['error', PAUSED, 'error'],
    ['error', null, 'error'],
    ['timeout', DONE, 'error'],
  ] as const)('%s with state %o: %s', (status, state, threadStatus) => {
    expect(settledThreadStatus({ status, error: null, state }, 'interrupted')).toBe(threadStatus)
  })

  it.each([
    ['idle', 'idle'],
    ['interrupted', 'interrupted'],
    ['error', 'idle'],
  ] as const)('of a run that left no state, on a thread that was %s: %s', (before, after) => {
    expect(settledThreadStatus({ status: 'rollback', error: null, state: null }, before)).toBe(after)
    expect(settledThreadStatus({ status: 'interrupted', error: null, state: null }, before)).toBe(after)
  })
})
