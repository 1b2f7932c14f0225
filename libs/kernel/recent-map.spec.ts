import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { RecentMap } from './recent-map.js'

describe('RecentMap', () => {
  it('forgets what was used longest ago', () => {
    const map = new RecentMap<string, number>(2)
    map.set('a', 1)
    map.set('b', 2)
    expect(map.get('a')).toBe(1)
    map.set('c', 3)
    expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([1, undefined, 3, 2])
  })

  it('replaces and removes', () => {
    const map = new RecentMap<string, number>(2)
    map.set('a', 1)
    map.set('a', 2)
    map.set('b', 3)
    expect([map.get('a'), map.size]).toEqual([2, 2])
    map.delete('a')
    expect([map.get('a'), map.size]).toEqual([undefined, 1])
  })
})
