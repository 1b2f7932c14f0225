import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { isSecretHeader } from '#graphs'
import { configurableHeaders } from './configurable-headers.js'

const DEFAULTS = { includes: [], excludes: [] }
const SECRET = [
  'x-api-key',
  'x-admin-key',
  'x-tenant-id',
  'x-service-key',
  'x-auth-scheme',
  'x-csrf-token',
  'x-my-secret',
  'x-cookie-jar',
  'x-jwt-assertion',
  'x-oidc-claims',
  'x-session-id',
  'x-password',
  'x-credentials',
  'x-hub-signature-256',
]

describe('headers that reach the graph', () => {
  it('are x-* and user-agent, by lower-case name', () => {
    const headers = { 'X-Trace': 'a', 'x-tags': ['b', 'c'], 'User-Agent': 'curl', Accept: '*/*', 'x-none': undefined }
    expect(configurableHeaders(headers, DEFAULTS)).toEqual({ 'x-trace': 'a', 'x-tags': 'b, c', 'user-agent': 'curl' })
  })

  it.each([...SECRET, 'authorization', 'cookie'])('never hold %s by default', (name) => {
    expect(isSecretHeader(name)).toBe(true)
    expect(configurableHeaders({ [name.toUpperCase()]: 'secret' }, DEFAULTS)).toEqual({})
  })

  it('can be added, one by one or by pattern', () => {
    const headers = { Authorization: 'Bearer t', 'x-api-key': 'k', 'accept-language': 'de', accept: '*/*' }
    const includes = ['authorization', 'X-API-*', 'accept-*']
    expect(configurableHeaders(headers, { includes, excludes: [] })).toEqual({
      authorization: 'Bearer t',
      'x-api-key': 'k',
      'accept-language': 'de',
    })
  })

  it('can be taken away, and that wins', () => {
    const headers = { 'x-a': '1', 'x-ab': '2', 'x-b': '3' }
    expect(configurableHeaders(headers, { includes: ['x-ab'], excludes: ['x-a*'] })).toEqual({ 'x-b': '3' })
  })

  it('are matched to the letter but for the wildcard', () => {
    const headers = { 'y.z': '1', yaz: '2', 'yy.zz': '3' }
    expect(configurableHeaders(headers, { includes: ['y.z'], excludes: [] })).toEqual({ 'y.z': '1' })
  })
})
