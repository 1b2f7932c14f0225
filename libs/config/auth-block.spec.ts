import 'reflect-metadata'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { faultsOf, lastFolder, load } from './project.spec.support.js'
import type { SettingsRequest } from './load-settings.js'

const PATH = './auth.ts:auth'
const FILES = { 'auth.ts': 'export const auth = 1' }
const KEY = 'a-key-of-sixteen'
const OTHER_KEY = 'another-key-that-is-longer'
const hashOf = (key: string) => createHash('sha256').update(key).digest()

type Variables = SettingsRequest['environment']

/** Loads a project whose `auth.ts` is there. */
function loadAuth(auth: unknown, variables: Variables = {}, mode: SettingsRequest['mode'] = 'dev') {
  return load({ auth }, variables, { mode, files: FILES })
}

function linesOf(auth: unknown, variables: Variables = {}): string[] {
  return faultsOf(() => loadAuth(auth, variables)).lines
}

describe('auth.path', () => {
  it('names an export, relative to the file; all else has a default', () => {
    expect(loadAuth({ path: PATH }).auth).toEqual({
      kind: 'custom',
      module: { file: join(lastFolder(), 'auth.ts'), exportName: 'auth' },
      disableStudioAuth: false,
      cache: null,
    })
    expect(loadAuth({ path: PATH, disable_studio_auth: true }).auth).toMatchObject({ disableStudioAuth: true })
  })

  it.each([
    [{ path: './absent.ts:auth' }, 'auth.path names a file that does not exist'],
    [
      { path: './auth.py:auth' },
      'auth.path names a Python file, and this server runs TypeScript and JavaScript graphs',
    ],
    [{ path: './auth.ts' }, 'auth.path must name a file and an export of it'],
    [{ path: './auth.ts:' }, 'auth.path must name a file and an export of it'],
    [{ path: '' }, 'auth.path must name a file and an export of it'],
    [{ disable_studio_auth: true }, 'auth.path is missing'],
    [{ cache: { cache_keys: ['authorization'] } }, 'auth.path is missing'],
    [{ path: null }, 'auth.path is missing'],
    [{ path: PATH, disable_studio_auth: 'yes' }, 'auth.disable_studio_auth must be a boolean'],
    [{ path: PATH, disable_studio_aut: true }, 'auth.disable_studio_aut is not a known key'],
    [PATH, 'auth must be an object'],
    [[PATH], 'auth must be an object'],
  ])('refuses %j', (auth, fault) => {
    expect(linesOf(auth)).toEqual([fault])
  })

  it('refuses what lacks it, however else it is spelt', () => {
    expect(linesOf({ pathh: PATH })).toEqual(['auth.pathh is not a known key', 'auth.path is missing'])
    expect(linesOf({ module: PATH })).toEqual(['auth.path is missing'])
  })

  it.each([{}, null, undefined])('may be left out as a whole: %j', (auth) => {
    const { auth: settings, authDocument } = loadAuth(auth)
    expect(settings).toEqual({ kind: 'none' })
    expect(authDocument).toEqual({ securitySchemes: {}, security: [] })
  })
})

describe('auth.cache', () => {
  const cacheOf = (cache: unknown) => {
    const { auth } = loadAuth({ path: PATH, cache })
    return auth.kind === 'custom' ? auth.cache : undefined
  }

  it('needs nothing but the headers', () => {
    expect(cacheOf({ cache_keys: ['Authorization', 'X-Tenant'] })).toEqual({
      headers: ['authorization', 'x-tenant'],
      ttlMs: 300_000,
      maxEntries: 1_000,
    })
    expect(cacheOf({ cache_keys: ['authorization'], ttl_seconds: null })).toMatchObject({ ttlMs: 300_000 })
  })

  it('says how long, and how many', () => {
    for (const [ttl, size] of [
      [1, 1],
      [86_400, 100_000],
    ] as const) {
      const cache = { cache_keys: ['authorization'], ttl_seconds: ttl, max_size: size }
      expect(cacheOf(cache)).toMatchObject({ ttlMs: ttl * 1_000, maxEntries: size })
    }
  })

  it.each([{}, null])('is not there by %j', (cache) => {
    expect(cacheOf(cache)).toBeNull()
  })

  it.each([
    [{ ttl_seconds: 60 }, 'cache_keys must name request headers'],
    [{ cache_keys: [] }, 'cache_keys must name request headers'],
    [{ cache_keys: ['authorization', ''] }, 'cache_keys must name request headers'],
    [{ cache_keys: ['x-*'] }, 'cache_keys must name request headers'],
    [{ cache_keys: ['a b'] }, 'cache_keys must name request headers'],
    [{ cache_keys: ['a'], ttl_seconds: 0 }, 'ttl_seconds must be a whole number from 1 to 86400'],
    [{ cache_keys: ['a'], ttl_seconds: 86_401 }, 'ttl_seconds must be a whole number from 1 to 86400'],
    [{ cache_keys: ['a'], ttl_seconds: 1.5 }, 'ttl_seconds must be a whole number from 1 to 86400'],
    [{ cache_keys: ['a'], ttl_seconds: '60' }, 'ttl_seconds must be a number'],
    [{ cache_keys: ['a'], max_size: 0 }, 'max_size must be a whole number from 1 to 100000'],
    [{ cache_keys: ['a'], max_size: 100_001 }, 'max_size must be a whole number from 1 to 100000'],
    [{ cache_keys: ['a'], max_sise: 5 }, 'max_sise is not a known key'],
  ])('refuses %j', (cache, fault) => {
    expect(linesOf({ path: PATH, cache })).toEqual([`auth.cache.${fault}`])
  })
})

describe('auth.openapi', () => {
  const schemes = { bearer: { type: 'http', scheme: 'bearer' } }

  it('goes into the description of the API', () => {
    const openapi = { securitySchemes: schemes, security: [{ bearer: [] }], paths: {} }
    expect(loadAuth({ path: PATH, openapi }).authDocument).toEqual({
      securitySchemes: schemes,
      security: [{ bearer: [] }],
    })
    expect(loadAuth({ path: PATH, openapi: { securitySchemes: schemes } }).authDocument.security).toEqual([])
  })

  it('is a list of requirements', () => {
    expect(linesOf({ path: PATH, openapi: { security: { bearer: [] } } })).toEqual([
      'auth.openapi.security must be a list',
    ])
  })

  it.each([[5], ['bearer'], [[{ type: 'http' }]]])('names schemes, and not %j', (securitySchemes) => {
    expect(linesOf({ path: PATH, openapi: { securitySchemes } })).toEqual([
      'auth.openapi.securitySchemes must be an object',
    ])
  })

  it('tells of the key where keys are asked for', () => {
    expect(loadAuth(undefined, { SIGNALBOX_API_KEYS: KEY }).authDocument).toEqual({
      securitySchemes: { apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' } },
      security: [{ apiKey: [] }],
    })
  })
})

describe('SIGNALBOX_API_KEYS', () => {
  const loadKeys = (text: string) => loadAuth(undefined, { SIGNALBOX_API_KEYS: text })

  it('is kept as hashes alone', () => {
    expect(loadKeys(KEY).auth).toMatchObject({ kind: 'keys', keyHashes: [hashOf(KEY)] })
    const twice = ` ${KEY} ,${OTHER_KEY}, ${KEY}`
    expect(loadKeys(twice).auth).toMatchObject({ keyHashes: [KEY, OTHER_KEY].map(hashOf) })
  })

  it('may stand in env, as every variable', () => {
    const { auth } = load({ env: { SIGNALBOX_API_KEYS: KEY } })
    expect(auth).toMatchObject({ kind: 'keys', keyHashes: [hashOf(KEY)] })
  })

  it('counts as unset where it is empty, as every variable', () => {
    expect(loadKeys('').auth).toEqual({ kind: 'none' })
  })

  it.each([
    'fifteen-letters',
    ' ',
    ',',
    `${KEY},`,
    `,${KEY}`,
    `${KEY},,${OTHER_KEY}`,
    `${KEY},short`,
    `${KEY} ${OTHER_KEY}`,
    `${KEY}\n${OTHER_KEY}`,
    `${KEY}é`,
    `${KEY}\u0000`,
    `"${KEY}"`,
    `'${KEY}'`,
  ])('refuses %j, without showing it', (text) => {
    const { lines, message, where } = faultsOf(() => loadKeys(text))
    expect([lines, where]).toEqual([['SIGNALBOX_API_KEYS holds a key that cannot be used'], ['environment']])
    const parts = text.split(/[\s,]/).filter((part) => part.length > 4)
    for (const part of parts) expect(message).not.toContain(part)
  })

  it('says which of them cannot be used, and why', () => {
    const { message } = faultsOf(() => loadKeys(`${KEY},short,,"${KEY}",${KEY} é`))
    expect(message).toContain('Key 2 of 5 has fewer than 16 characters. Key 3 of 5 is empty. Key 4 of 5 is in quotes')
    expect(message).toContain('Key 5 of 5 has a space or another character')
    expect(message).not.toContain('Key 1')
  })

  it('is in nothing that may be shown, and neither are the hashes', () => {
    const settings = load({ env: { SIGNALBOX_API_KEYS: KEY } }, { SIGNALBOX_API_KEYS: OTHER_KEY })
    const shown = `${JSON.stringify(settings)} ${inspect(settings, { depth: 9 })} ${JSON.stringify(settings.auth)}`
    expect(shown).toContain('"keyHashes":"[hidden]"')
    for (const key of [KEY, OTHER_KEY]) {
      const hash = hashOf(key)
      const spellings = [hash.toString('hex'), hash.toString('base64'), hash.join(','), hash.toString('hex', 0, 6)]
      for (const secret of [key, ...spellings, inspect(hash).slice(8, 40)]) expect(shown).not.toContain(secret)
    }
  })
})

describe('both at once', () => {
  it('are refused, whom to believe being unknown', () => {
    expect(linesOf({ path: PATH }, { SIGNALBOX_API_KEYS: KEY })).toEqual([
      'SIGNALBOX_API_KEYS is set beside "auth.path"',
    ])
  })

  it('are refused with all else that is wrong', () => {
    const auth = { path: './absent.ts:auth', cache: { max_size: 0 }, openapi: { security: 1 } }
    const { lines, message } = faultsOf(() => loadAuth(auth, { SIGNALBOX_API_KEYS: 'sesame', SIGNALBOX_MAX_RUNS: 'x' }))
    expect(lines.toSorted()).toEqual([
      'SIGNALBOX_API_KEYS holds a key that cannot be used',
      'SIGNALBOX_API_KEYS is set beside "auth.path"',
      'SIGNALBOX_MAX_RUNS must be a whole number of at least 1',
      'auth.cache.cache_keys must name request headers',
      'auth.cache.max_size must be a whole number from 1 to 100000',
      'auth.openapi.security must be a list',
      'auth.path names a file that does not exist',
    ])
    expect(message).not.toContain('sesame')
  })
})

describe('LANGGRAPH_AUTH', () => {
  it('replaces the whole block', () => {
    const own = { path: './absent.ts:auth', disable_studio_auth: true, cache: { cache_keys: ['a'] } }
    const settings = loadAuth(own, { LANGGRAPH_AUTH: JSON.stringify({ path: PATH }) })
    expect(settings.auth).toMatchObject({ kind: 'custom', disableStudioAuth: false, cache: null })
    expect(settings.configVariables).toEqual(['LANGGRAPH_AUTH'])
  })

  it('is what its faults name', () => {
    const bad = JSON.stringify({ path: './absent.ts:auth', cache: { cache_keys: ['a'], ttl_seconds: 0 } })
    const { lines, where } = faultsOf(() => loadAuth({ path: PATH }, { LANGGRAPH_AUTH: bad }))
    expect(lines).toEqual([
      'LANGGRAPH_AUTH.path names a file that does not exist',
      'LANGGRAPH_AUTH.cache.ttl_seconds must be a whole number from 1 to 86400',
    ])
    expect(new Set(where)).toEqual(new Set(['environment']))
  })
})

describe('an API that is open to everybody', () => {
  const OPEN = 'No authentication is configured: whoever reaches the server may use its whole API.'

  it('is warned of in production', () => {
    expect(loadAuth(undefined, {}, 'start').warnings).toContain(OPEN)
    expect(loadAuth({}, {}, 'start').warnings).toContain(OPEN)
  })

  it('is warned of in dev only where other machines reach it', () => {
    for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]'])
      expect([host, load({}, {}, { host }).warnings]).toEqual([host, []])
    for (const host of ['0.0.0.0', '::', '192.0.2.7', '127.example.com'])
      expect([host, load({}, {}, { host }).warnings]).toEqual([host, [OPEN]])
    expect(load({}, { SIGNALBOX_API_KEYS: KEY }, { host: '0.0.0.0' }).warnings).toEqual([])
  })

  it('is no worker’s, which answers health checks and metrics only', () => {
    const variables = { DATABASE_URI: 'postgres://h/d', REDIS_URI: 'redis://h' }
    expect(load({}, variables, { mode: 'start', role: 'worker' }).warnings).toEqual([])
    expect(load({}, variables, { mode: 'start', role: 'api' }).warnings).toEqual([OPEN])
  })

  it('is none where somebody is asked', () => {
    for (const settings of [
      loadAuth({ path: PATH }, {}, 'start'),
      loadAuth(undefined, { SIGNALBOX_API_KEYS: KEY }, 'start'),
    ]) {
      expect(settings.warnings.join()).not.toMatch(/authenticat/)
      expect(settings.warnings).toHaveLength(1)
    }
  })
})

it('is not switched off by an empty LANGGRAPH_AUTH', () => {
  expect(linesOf({ path: PATH }, { LANGGRAPH_AUTH: ' {} ' })).toEqual(['LANGGRAPH_AUTH.path is missing'])
})
