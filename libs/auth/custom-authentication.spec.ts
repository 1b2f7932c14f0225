import 'reflect-metadata'
import { Auth, HTTPException } from '@langchain/langgraph-sdk/auth'
import { HTTPException as HonoException } from 'hono/http-exception'
import { describe, expect, it } from 'vitest'
import type { AuthCacheSettings } from '#config'
import { AppError } from '#kernel'
import { FakeClock } from '#testing'
import { callWith, customSettings, loaded } from './auth-room.spec.support.js'
import type { AuthenticateCallback } from './auth-handlers.js'
import { CustomAuthentication } from './custom-authentication.js'
import { AUTH_DEADLINE_MS } from './within-deadline.js'

const clock = new FakeClock()

async function authenticationBy(authenticate: AuthenticateCallback, cache: AuthCacheSettings | null = null) {
  const custom = await loaded(new Auth().authenticate(authenticate as () => string))
  return new CustomAuthentication(customSettings(cache), custom, clock)
}

/** What comes of a call when the authenticator does this. */
async function outcomeOf(authenticate: AuthenticateCallback): Promise<unknown> {
  const authentication = await authenticationBy(authenticate)
  return authentication.authenticate(callWith({ authorization: 'Bearer x' }))
}

/** What is answered when the authenticator does this. */
async function refusalBy(authenticate: AuthenticateCallback): Promise<AppError> {
  const thrown = await outcomeOf(authenticate).catch((error: unknown) => error)
  if (thrown instanceof AppError) return thrown
  throw new Error('no AppError', { cause: thrown })
}

const throwing = (thrown: unknown) => () => {
  throw thrown
}

describe('what the authenticator returns', () => {
  it.each([
    ['an identity', 'ann'],
    ['a promise of one', Promise.resolve('ann')],
    ['a user', { identity: 'ann' }],
    [
      'a user of a class',
      new (class User {
        readonly identity = 'ann'
        readonly #secret = 'x'
        get secret() {
          return this.#secret
        }
      })(),
    ],
  ])('names somebody: %s', async (_what, answer) => {
    expect(await outcomeOf(() => answer)).toEqual({
      identity: 'ann',
      permissions: [],
      user: { identity: 'ann', display_name: 'ann', is_authenticated: true, permissions: [] },
    })
  })

  it('is kept as JSON has it, since it is stored with runs', async () => {
    const user = {
      identity: 'ann',
      permissions: ['a'],
      since: new Date(0),
      none: undefined,
      run: () => 1,
      of: { a: [1] },
    }
    expect(await outcomeOf(() => user)).toMatchObject({
      permissions: ['a'],
      user: { since: '1970-01-01T00:00:00.000Z', of: { a: [1] } },
    })
    expect(Object.keys(((await outcomeOf(() => user)) as { user: object }).user)).not.toContain('run')
  })

  it.each([
    null,
    undefined,
    false,
    '',
    {},
    { identity: '' },
    { identity: 7 },
    { identity: 'ann', is_authenticated: false },
  ])('names nobody: %j', async (answer) => {
    expect(await refusalBy(() => answer)).toMatchObject({ code: 'unauthorized', status: 401, message: 'Unauthorized' })
  })

  it.each([true, 7, ['ann'], () => 'ann', [{ identity: 'ann' }], { identity: 'ann', big: 1n }])(
    'is a fault of the code: %o',
    async (answer) => {
      expect(await refusalBy(() => answer)).toMatchObject({ code: 'auth_faulty', status: 500 })
    },
  )

  it('is asked of the request, whose headers it reads', async () => {
    expect(await outcomeOf((request) => request.headers.get('authorization'))).toMatchObject({ identity: 'Bearer x' })
  })
})

describe('what the authenticator throws', () => {
  it.each([401, 403, 402, 429, 302, 503])(
    'with the status %i is answered in its words, with its headers',
    async (status) => {
      const headers = { 'WWW-Authenticate': 'Bearer', 'x-why': 'none' }
      const refusal = await refusalBy(throwing(new HTTPException(status, { message: 'Who are you?', headers })))
      expect(refusal).toMatchObject({ code: 'auth_refused', status, message: 'Who are you?' })
      expect(refusal.headers).toEqual({ 'www-authenticate': 'Bearer', 'x-why': 'none' })
    },
  )

  it('later is answered so too, and so is an exception of Hono', async () => {
    const later = () => Promise.reject(new HTTPException(401))
    expect(await refusalBy(later)).toMatchObject({ status: 401, message: 'Unauthorized', headers: {} })
    const hono = throwing(new HonoException(403, { message: 'Not today' }))
    expect(await refusalBy(hono)).toMatchObject({ status: 403, message: 'Not today', headers: {} })
  })

  it.each<[string, Record<string, string> | [string, string][] | Headers]>([
    ['an object', { 'X-A': '1', 'X-B': '2' }],
    [
      'a list',
      [
        ['X-A', '1'],
        ['X-B', '2'],
      ],
    ],
    ['Headers', new Headers({ 'X-A': '1', 'X-B': '2' })],
  ])('brings headers by %s, but for those of the answer itself', async (_what, own) => {
    const headers = new Headers(own)
    const unsendable = { 'x y': '1', 'x-line': 'a\nb', 'Content-Length': '1' }
    const alone = await refusalBy(throwing(new HTTPException(401, { headers: unsendable })))
    expect(alone.headers).toEqual({})
    const closed = ['content-length', 'content-type', 'content-encoding', 'transfer-encoding', 'connection', 'date']
    for (const name of closed) headers.set(name, '1')
    const form = Array.isArray(own) ? [...headers] : own instanceof Headers ? headers : Object.fromEntries(headers)
    const refusal = await refusalBy(throwing(new HTTPException(401, { headers: form as Record<string, string> })))
    expect(refusal.headers).toEqual({ 'x-a': '1', 'x-b': '2' })
  })

  it.each([
    new Error('password=sesame'),
    new TypeError('sesame'),
    'sesame',
    null,
    { status: 401, message: 'sesame' },
    Object.assign(new Error('sesame'), { status: '401' }),
    Object.assign(new Error('sesame'), { status: 200 }),
    Object.assign(new Error('sesame'), { status: 600 }),
    Object.assign(new Error('sesame'), { status: 401.5 }),
    // Of a request to an identity provider, as axios throws it.
    Object.assign(new Error('sesame'), { status: 404, headers: { 'x-a': 'sesame' } }),
    new HTTPException(200 as never),
  ])('otherwise is a fault of the code, of which only the log is told: %o', async (thrown) => {
    const refusal = await refusalBy(throwing(thrown))
    expect(refusal).toMatchObject({
      code: 'auth_faulty',
      status: 500,
      level: 'error',
      message: 'Internal Server Error',
    })
    expect(refusal.cause).toMatchObject({ message: 'the auth code failed', cause: thrown })
  })
})

describe('an authenticator that does not answer', () => {
  it('is waited for ten seconds', async () => {
    const authentication = await authenticationBy(() => new Promise(() => undefined))
    let refusal: unknown
    const asked = authentication.authenticate(callWith({})).catch((error: unknown) => void (refusal = error))
    await clock.advance(AUTH_DEADLINE_MS - 1)
    expect([AUTH_DEADLINE_MS, refusal]).toEqual([10_000, undefined])
    await clock.advance(1)
    await asked
    expect(refusal).toMatchObject({ code: 'auth_timed_out', status: 503 })
  })

  it('may answer late, which nobody hears', async () => {
    let answer = (_identity: string): void => undefined
    const authentication = await authenticationBy(() => new Promise((resolve) => (answer = resolve)), CACHE)
    const asked = expect(authentication.authenticate(callWith({ authorization: 'a' }))).rejects.toThrow('in time')
    await clock.advance(AUTH_DEADLINE_MS)
    await asked
    answer('ann')
    const again = authentication.authenticate(callWith({ authorization: 'a' }))
    await clock.advance(0)
    answer('bob')
    expect(await again).toMatchObject({ identity: 'bob' })
  })

  it('leaves no timer behind once it has answered or failed', async () => {
    await outcomeOf(() => 'ann')
    await refusalBy(throwing(new Error('x')))
    expect(clock.waiting).toBe(0)
  })
})

const CACHE: AuthCacheSettings = { headers: ['authorization', 'x-tenant'], ttlMs: 60_000, maxEntries: 2 }

describe('the cache', () => {
  /** Counts how often it is asked, and says so in the name. */
  async function counting(cache: AuthCacheSettings | null = CACHE) {
    let asked = 0
    const authentication = await authenticationBy((request) => {
      asked += 1
      const who = request.headers.get('authorization') ?? 'nobody'
      if (who === 'wrong') throw new HTTPException(401)
      return `${who} ${asked}`
    }, cache)
    return async (headers: Record<string, string>) =>
      (await authentication.authenticate(callWith(headers)).catch(() => ({ identity: `refused ${asked}` }))).identity
  }

  it('remembers an answer by the headers it is told, and by no other', async () => {
    const ask = await counting()
    expect(await ask({ authorization: 'ann' })).toBe('ann 1')
    expect(await ask({ authorization: 'ann', 'x-other': '1' })).toBe('ann 1')
    expect(await ask({ authorization: 'bob' })).toBe('bob 2')
    expect(await ask({ authorization: 'ann' })).toBe('ann 1')
    expect(await ask({ authorization: 'ann', 'x-tenant': 't' })).toBe('ann 3')
  })

  it('mixes up neither headers nor values', async () => {
    const ask = await counting({ ...CACHE, maxEntries: 10 })
    expect(await ask({ authorization: 'a', 'x-tenant': 'b' })).toBe('a 1')
    expect(await ask({ authorization: 'b', 'x-tenant': 'a' })).toBe('b 2')
    expect(await ask({ authorization: 'ab' })).toBe('ab 3')
    expect(await ask({ 'x-tenant': 'ab' })).toBe('nobody 4')
    expect(await ask({ authorization: 'ab', 'x-tenant': '' })).toBe('ab 5')
    expect(await ask({ authorization: 'null' })).toBe('null 6')
  })

  it('forgets it when its time is over, which reading does not prolong', async () => {
    const ask = await counting()
    expect(await ask({ authorization: 'ann' })).toBe('ann 1')
    await clock.advance(CACHE.ttlMs - 1)
    expect(await ask({ authorization: 'ann' })).toBe('ann 1')
    await clock.advance(1)
    expect(await ask({ authorization: 'ann' })).toBe('ann 2')
  })

  it('holds no more than it may', async () => {
    const ask = await counting()
    for (const who of ['ann', 'bob', 'eve']) await ask({ authorization: who })
    expect(await ask({ authorization: 'eve' })).toBe('eve 3')
    expect(await ask({ authorization: 'bob' })).toBe('bob 2')
    expect(await ask({ authorization: 'ann' })).toBe('ann 4')
  })

  it('is not asked where none of its headers is there', async () => {
    const ask = await counting()
    expect(await ask({})).toBe('nobody 1')
    expect(await ask({ cookie: 'c' })).toBe('nobody 2')
  })

  it('remembers no refusal', async () => {
    const ask = await counting()
    expect(await ask({ authorization: 'wrong' })).toBe('refused 1')
    expect(await ask({ authorization: 'wrong' })).toBe('refused 2')
  })

  it('is there only where it is configured', async () => {
    const ask = await counting(null)
    expect(await ask({ authorization: 'ann' })).toBe('ann 1')
    expect(await ask({ authorization: 'ann' })).toBe('ann 2')
  })
})
