import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { readCancelQuery, readJoinQuery, readListQuery } from './run-query.js'

describe('the query of a list', () => {
  it('has the contract’s defaults, also for empty parameters', () => {
    const defaults = { limit: 10, offset: 0, status: null, metadata: null, select: [] }
    expect(readListQuery({})).toEqual(defaults)
    expect(readListQuery({ limit: '', offset: '', status: '', select: '' })).toEqual(defaults)
  })

  it('reads both client dialects', () => {
    const expected = { limit: 5, offset: 2, status: 'error', metadata: null, select: ['run_id', 'status'] }
    const rest = { limit: '5', offset: '2', status: 'error' }
    expect(readListQuery({ ...rest, select: '["run_id","status"]' })).toEqual(expected)
    expect(readListQuery({ ...rest, select: ['run_id', 'status'] })).toEqual(expected)
    expect(readListQuery({ ...rest, select: 'run_id,status' })).toEqual(expected)
  })

  it.each([
    ['limit', '0'],
    ['limit', '1001'],
    ['limit', 'ten'],
    ['offset', '-1'],
    ['offset', '1e3'],
    ['status', 'done'],
    ['select', 'injected'],
  ])('refuses %s=%s, naming it', (name, value) => {
    expect(() => readListQuery({ [name]: value })).toThrow(`${name}: `)
  })
})

describe('the query of a cancel', () => {
  it('interrupts and does not wait unless told', () => {
    expect(readCancelQuery({})).toEqual({ action: 'interrupt', wait: false })
    expect(readCancelQuery({ wait: '0', action: 'interrupt' })).toEqual({ action: 'interrupt', wait: false })
    expect(readCancelQuery({ wait: '1', action: 'rollback' })).toEqual({ action: 'rollback', wait: true })
  })

  it('refuses another action and a wait that is no flag', () => {
    expect(() => readCancelQuery({ action: 'kill' })).toThrow('action: must be one of interrupt, rollback')
    expect(() => readCancelQuery({ wait: 'maybe' })).toThrow('wait: ')
  })
})

describe('the query of a join', () => {
  it('takes every mode and goes on after a disconnect unless told', () => {
    expect(readJoinQuery({ stream_mode: '' })).toEqual({ modes: null, cancelOnDisconnect: false, afterId: null })
  })

  it('reads the position that a Location names', () => {
    expect(readJoinQuery({ last_event_id: '7' }).afterId).toBe('7')
    expect(readJoinQuery({ last_event_id: ['7', ''] }).afterId).toBeNull()
  })

  it('reads modes and the flag', () => {
    const expected = { modes: ['values', 'updates'], cancelOnDisconnect: true, afterId: null }
    expect(readJoinQuery({ stream_mode: ['values', 'updates'], cancel_on_disconnect: 'true' })).toEqual(expected)
    expect(readJoinQuery({ stream_mode: '["values","updates"]', cancel_on_disconnect: '1' })).toEqual(expected)
  })

  it('refuses an unknown mode, naming the parameter', () => {
    expect(() => readJoinQuery({ stream_mode: 'values,nope' })).toThrow('stream_mode: ')
    expect(() => readJoinQuery({ cancel_on_disconnect: 'x' })).toThrow('cancel_on_disconnect: ')
  })
})
