import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { modeFilter } from './mode-filter.js'

const EVENTS = ['metadata', 'values', 'values|sub:1', 'updates', 'messages', 'messages/partial', 'feedback', 'error']

function passed(modes: string[] | null): string[] {
  return EVENTS.filter(modeFilter(modes))
}

describe('modeFilter', () => {
  it('lets everything through without modes', () => {
    expect(passed(null)).toEqual(EVENTS)
  })

  it('compares the part before the bar, and always passes metadata, feedback and error', () => {
    expect(passed(['values'])).toEqual(['metadata', 'values', 'values|sub:1', 'feedback', 'error'])
  })

  it.each(['messages', 'messages-tuple'])('%s matches every messages event', (mode) => {
    expect(passed([mode])).toEqual(['metadata', 'messages', 'messages/partial', 'feedback', 'error'])
  })
})
