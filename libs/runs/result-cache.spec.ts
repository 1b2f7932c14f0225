import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '#testing'
import { ResultCache } from './result-cache.js'

const known = (json: string) => ({ json, gone: null })

describe('the cache of results', () => {
  it('keeps a result for its time', async () => {
    const clock = new FakeClock()
    const cache = new ResultCache(clock, 1_000)
    cache.set('a', known('{}'))
    await clock.advance(999)
    expect(cache.get('a')).toMatchObject(known('{}'))
    await clock.advance(1)
    expect(cache.get('a')).toBeNull()
  })

  it('forgets the oldest when it holds too much, but never the newest', () => {
    const cache = new ResultCache(new FakeClock(), 1_000, 10)
    cache.set('a', known('aaaa'))
    cache.set('b', known('bbbb'))
    cache.set('c', known('cccc'))
    expect([cache.get('a'), cache.get('b')?.json, cache.get('c')?.json]).toEqual([null, 'bbbb', 'cccc'])
    cache.set('d', known('d'.repeat(100)))
    expect([cache.get('c'), cache.get('d')?.json.length]).toEqual([null, 100])
  })

  it('counts a result that is set again once', () => {
    const cache = new ResultCache(new FakeClock(), 1_000, 10)
    for (let round = 0; round < 10; round += 1) cache.set('a', known('aaaa'))
    cache.set('b', known('bbbb'))
    expect(cache.get('a')?.json).toBe('aaaa')
  })
})
