import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '#kernel'
import { callerIn, callerOf, identityKeys } from './caller.js'

describe('a caller', () => {
  it('gets what the authenticator has left out', () => {
    expect(callerOf({ identity: 'ann' })).toEqual({
      identity: 'ann',
      permissions: [],
      user: { identity: 'ann', permissions: [], display_name: 'ann', is_authenticated: true },
    })
  })

  it('keeps all that was said', () => {
    const user = {
      identity: 'ann',
      display_name: 'Ann',
      is_authenticated: true,
      permissions: ['a', 'b'],
      email: 'a@b.c',
    }
    expect(callerOf(user)).toEqual({ identity: 'ann', permissions: ['a', 'b'], user })
    expect(user).toEqual({ ...user })
  })

  it.each<[unknown, string[]]>([
    [
      ['a', 1, null, 'b', ['c']],
      ['a', 'b'],
    ],
    ['admin', []],
    [{ 0: 'admin' }, []],
    [null, []],
  ])('has of the permissions %j only %j, for handlers and graphs alike', (permissions, granted) => {
    const caller = callerOf({ identity: 'ann', permissions })
    expect(caller?.permissions).toEqual(granted)
    expect(caller?.user['permissions']).toEqual(granted)
  })

  it.each<JsonObject>([
    {},
    { identity: '' },
    { identity: 5 },
    { identity: null },
    { identity: ['ann'] },
    { display_name: 'ann', is_authenticated: true },
    { identity: 'ann', is_authenticated: false },
    { identity: 'ann\u0000' },
    { identity: 'ann\uD800' },
  ])('is nobody by %j', (user) => {
    expect(callerOf(user)).toBeNull()
  })

  it('is authenticated unless the contrary is said', () => {
    for (const said of [true, undefined, null]) {
      expect(callerOf({ identity: 'ann', is_authenticated: said })?.user['is_authenticated']).toBe(true)
    }
  })

  it('has a name to show that is a text', () => {
    expect(callerOf({ identity: 'ann', display_name: 7 })?.user['display_name']).toBe('ann')
  })
})

describe('what graphs read of the caller', () => {
  const ann = callerOf({ identity: 'ann', permissions: ['a'], email: 'a@b.c' })

  it('stands under three keys, and nothing of nobody', () => {
    expect(identityKeys(ann)).toEqual({
      langgraph_auth_user: {
        identity: 'ann',
        display_name: 'ann',
        is_authenticated: true,
        permissions: ['a'],
        email: 'a@b.c',
      },
      langgraph_auth_user_id: 'ann',
      langgraph_auth_permissions: ['a'],
    })
    expect(identityKeys(null)).toEqual({})
  })

  it('tells who it was, after it was stored', () => {
    const stored = JSON.parse(JSON.stringify({ ...identityKeys(ann), thread_id: 't' })) as JsonObject
    expect(callerIn(stored)).toEqual(ann)
  })

  it.each<JsonObject>([
    {},
    { langgraph_auth_user: null },
    { langgraph_auth_user: 'ann' },
    { langgraph_auth_user: {} },
    { langgraph_auth_user: [] },
    { langgraph_auth_user_id: 'ann' },
    { langgraph_auth_user: { identity: 'ann', is_authenticated: false } },
  ])('is nobody in %j', (configurable) => {
    expect(callerIn(configurable)).toBeNull()
  })
})
