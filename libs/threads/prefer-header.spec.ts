import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { prefersMinimal } from './prefer-header.js'

describe('prefersMinimal', () => {
  it.each(['return=minimal', 'Return=Minimal', 'wait=5, return=minimal', 'return=minimal; foo'])(
    'sees %s',
    (header) => {
      expect(prefersMinimal(header)).toBe(true)
    },
  )

  it.each([undefined, '', 'return=representation', 'x-return=minimal'])('does not see it in %s', (header) => {
    expect(prefersMinimal(header)).toBe(false)
  })
})
