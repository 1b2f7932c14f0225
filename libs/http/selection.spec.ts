import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { pickSelected, requireSelectable } from './selection.js'

describe('select', () => {
  it('keeps only the selected keys', () => {
    expect(pickSelected({ run_id: 'a', status: 'success', metadata: {} }, ['run_id', 'status'])).toEqual({
      run_id: 'a',
      status: 'success',
    })
  })

  it.each([[[]], [null], [undefined]])('takes all keys for %j', (select) => {
    expect(pickSelected({ run_id: 'a' }, select)).toEqual({ run_id: 'a' })
  })

  it('refuses an unknown member, naming it', () => {
    expect(() => requireSelectable(['status', 'secret'], ['run_id', 'status'])).toThrow(
      'select: unknown field "secret"; one of run_id, status',
    )
  })
})
