import 'reflect-metadata'
import crypto, { createHash } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiKeys } from './api-keys.js'

const FIRST = 'the-first-of-the-keys'
const SECOND = 'the-second-of-the-keys'
const hashOf = (key: string) => createHash('sha256').update(key).digest()

const keys = new ApiKeys([FIRST, SECOND].map(hashOf))

describe('API keys', () => {
  afterEach(() => {
    vi.restoreAllMocks()
    syncBuiltinESMExports()
  })

  it.each([FIRST, SECOND])('%s names somebody, by the beginning of its hash', (key) => {
    const identity = `api-key-${hashOf(key).toString('hex').slice(0, 12)}`
    expect(keys.callerOf({ 'x-api-key': key })).toEqual({
      identity,
      permissions: [],
      user: { identity, display_name: identity, is_authenticated: true, permissions: [] },
    })
  })

  it('tell their callers apart', () => {
    const [first, second] = [FIRST, SECOND].map((key) => keys.callerOf({ 'x-api-key': key })?.identity)
    expect(first).not.toBe(second)
  })

  it.each([
    {},
    { 'x-api-key': '' },
    { 'x-api-key': undefined },
    { 'x-api-key': 'the-third-of-the-keys' },
    { 'x-api-key': FIRST.slice(0, -1) },
    { 'x-api-key': `${FIRST} ` },
    { 'x-api-key': FIRST.toUpperCase() },
    { 'x-api-key': `${FIRST}, ${SECOND}` },
    { 'x-api-key': [FIRST] as unknown as string },
    { 'x-api-key': hashOf(FIRST).toString('hex') },
    { authorization: `Bearer ${FIRST}` },
    { 'x-admin-key': FIRST },
  ])('let nobody in with %j', (headers) => {
    expect(keys.callerOf(headers)).toBeNull()
  })

  it('are compared in constant time, each of them whole, also once one is found', () => {
    const compare = vi.spyOn(crypto, 'timingSafeEqual')
    syncBuiltinESMExports()
    keys.callerOf({ 'x-api-key': FIRST })
    expect(compare.mock.calls).toEqual([FIRST, SECOND].map((key) => [hashOf(key), hashOf(FIRST)]))
  })

  it('are no open door where there are none', () => {
    expect(new ApiKeys([]).callerOf({ 'x-api-key': FIRST })).toBeNull()
  })
})
