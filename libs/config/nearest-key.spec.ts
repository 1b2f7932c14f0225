import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { editDistance, nearestKey } from './nearest-key.js'

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['disable_webhook', 'disable_webhooks', 1],
    ['allwo', 'allow', 2],
    ['same', 'same', 0],
  ])('%j to %j is %i', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance)
    expect(editDistance(to, from)).toBe(distance)
  })
})

describe('nearestKey', () => {
  it('takes the nearest, case aside, and the first of equals', () => {
    expect(nearestKey('AUHT', ['http', 'auth', 'store'])).toEqual({ key: 'auth', distance: 2 })
    expect(nearestKey('ax', ['ab', 'ac'])).toEqual({ key: 'ab', distance: 1 })
    expect(nearestKey('x', [])).toBeNull()
  })
})
