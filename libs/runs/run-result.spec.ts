import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import type { ExecuteOutcome } from '#graphs'
import type { RunEnding } from './run-ending.js'
import { resultOf, storedResult, threadResult, valuesWithInterrupts } from './run-result.js'

const ERROR = { error: 'CustomError', message: 'Boo!' }
const SUCCESS: RunEnding = { status: 'success', error: null, state: null }
const ASKED = '[{"id":"i","value":"ok?"}]'

function outcome(change: Partial<ExecuteOutcome>): ExecuteOutcome {
  return { status: 'success', error: null, lastValuesJson: null, interruptsJson: null, state: null, ...change }
}
const state = (valuesJson: string, interruptsJson = '{}') => ({ valuesJson, next: [], interruptsJson })

describe('the answer of wait, in the order of precedence', () => {
  const all = { interruptsJson: ASKED, lastValuesJson: '{"a":1}', state: state('{"a":2}') }

  it('is the error before anything else', () => {
    const ending: RunEnding = { status: 'error', error: ERROR, state: null }
    expect(JSON.parse(resultOf(ending, outcome(all)))).toEqual({ __error__: ERROR })
  })

  it('is the interrupts before the values', () => {
    expect(JSON.parse(resultOf(SUCCESS, outcome(all)))).toEqual({ __interrupt__: JSON.parse(ASKED) })
  })

  it('is the last snapshot before the state, also after a static breakpoint', () => {
    expect(resultOf(SUCCESS, outcome({ ...all, interruptsJson: '[]' }))).toBe('{"a":1}')
    expect(resultOf(SUCCESS, outcome({ ...all, interruptsJson: null }))).toBe('{"a":1}')
  })

  it('is the state when there was no snapshot', () => {
    expect(resultOf(SUCCESS, outcome({ state: state('{"a":2}') }))).toBe('{"a":2}')
  })

  it.each(['null', '"text"', '3', 'true'])('is never %s', (json) => {
    expect(resultOf(SUCCESS, outcome({ lastValuesJson: json }))).toBe('{}')
    expect(storedResult(null, json)).toBe('{}')
  })

  it('is an empty object when there is nothing', () => {
    expect(resultOf(SUCCESS, outcome({}))).toBe('{}')
    expect(storedResult(null, null)).toBe('{}')
  })
})

describe('the answer of join, from the tables', () => {
  const interrupts = { 'task-1': [{ value: 1 }], 'task-2': [{ value: 2 }, { value: 3 }] }

  it('is the run’s error before its values', () => {
    expect(JSON.parse(storedResult(ERROR, '{"a":1}'))).toEqual({ __error__: ERROR })
    expect(storedResult(null, '[1]')).toBe('[1]')
  })

  it('is every open interrupt of an interrupted thread', () => {
    const thread = { status: 'interrupted', interrupts, values: { a: 1 } } as const
    expect(JSON.parse(threadResult(thread))).toEqual({ __interrupt__: [{ value: 1 }, { value: 2 }, { value: 3 }] })
  })

  it('is the values of any other thread, and never null', () => {
    expect(threadResult({ status: 'idle', interrupts, values: { a: 1 } })).toBe('{"a":1}')
    expect(threadResult({ status: 'interrupted', interrupts: {}, values: { a: 1 } })).toBe('{"a":1}')
    expect(threadResult({ status: 'idle', interrupts: {}, values: null })).toBe('{}')
    expect(threadResult({ status: 'idle', interrupts: {}, values: 7 })).toBe('{}')
  })
})

describe('the values of the webhook', () => {
  it('hold the interrupts that wait for an answer, beside the state', () => {
    const json = valuesWithInterrupts(state('{"a":1}', '{"t":[{"value":"ok?"}]}'))
    expect(JSON.parse(json)).toEqual({ a: 1, __interrupt__: [{ value: 'ok?' }] })
    expect(JSON.parse(valuesWithInterrupts(state('{}', '{"t":[1]}')))).toEqual({ __interrupt__: [1] })
  })

  it.each(['{"a":1}', '{}', '[1]', 'null'])('%s stay as they are without any', (json) => {
    expect(valuesWithInterrupts(state(json))).toBe(json)
    expect(valuesWithInterrupts(state(json, '{"t":[]}'))).toBe(json)
  })

  it('that are no object have no room for them', () => {
    expect(valuesWithInterrupts(state('[1]', '{"t":[1]}'))).toBe('[1]')
  })
})
