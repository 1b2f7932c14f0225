import 'reflect-metadata'
import { Auth, HTTPException } from '@langchain/langgraph-sdk/auth'
import { describe, expect, it } from 'vitest'
import type { AuthSettings } from '#config'
import { AppError, type JsonObject } from '#kernel'
import { FakeClock } from '#testing'
import { customSettings, loaded, settingsWith } from './auth-room.spec.support.js'
import { Authorization, metadataIn } from './authorization.js'
import { type Caller, callerOf } from './caller.js'
import { CallerContext } from './caller-context.js'
import { CustomAuth } from './custom-auth.js'
import type { Visibility } from './metadata-filter.js'
import { AUTH_DEADLINE_MS } from './within-deadline.js'

const clock = new FakeClock()
const context = new CallerContext()
const ANN = callerOf({ identity: 'ann', permissions: ['read'], team: 'red' })

type Handler = (question: Record<string, unknown> & { value: JsonObject }) => unknown

/** The project has one handler, for every event. */
async function authorizationBy(handler: Handler | null): Promise<Authorization> {
  const auth = new Auth().authenticate(() => 'ann')
  if (handler) auth.on('*', handler as never)
  return new Authorization(customSettings(), await loaded(auth), context, clock)
}

async function ask(handler: Handler | null, value: JsonObject = {}, caller: Caller | null = ANN): Promise<Visibility> {
  const authorization = await authorizationBy(handler)
  return context.run(caller, () => authorization.ask('threads:update', value))
}

async function refusalBy(handler: Handler): Promise<AppError> {
  const thrown = await ask(handler).catch((error: unknown) => error)
  if (thrown instanceof AppError) return thrown
  throw new Error('no AppError', { cause: thrown })
}

describe('the answer of a handler', () => {
  it.each([null, undefined, true, {}])('%j allows everything', async (answer) => {
    expect(await ask(() => answer)).toBeNull()
    expect(await ask(() => Promise.resolve(answer))).toBeNull()
  })

  it('may change its copy of the user, and the next question does not meet that', async () => {
    const seen: unknown[] = []
    const authorization = await authorizationBy(({ user, permissions }) => {
      seen.push(structuredClone(user), structuredClone(permissions))
      Object.assign(user as object, { identity: 'bob', permissions: ['all'] })
      ;(permissions as string[]).push('all')
    })
    for (let time = 0; time < 2; time += 1) await context.run(ANN, () => authorization.ask('threads:read', {}))
    expect(seen).toEqual([ANN?.user, ['read'], ANN?.user, ['read']])
    expect(ANN?.identity).toBe('ann')
  })

  it('false forbids', async () => {
    for (const handler of [() => false, () => Promise.resolve(false)]) {
      expect(await refusalBy(handler)).toMatchObject({ code: 'forbidden', status: 403, message: 'Forbidden' })
    }
  })

  it('an object says what may be seen', async () => {
    expect(await ask(() => ({ owner: 'ann' }))).toEqual({ op: 'eq', key: 'owner', value: 'ann' })
  })

  it.each([
    0,
    1,
    '',
    'yes',
    [],
    [{ owner: 'ann' }],
    { owner: undefined },
    { $not: {} },
    new Error('no'),
    new HTTPException(403),
  ])('%o is a fault of the code, of which only the log is told', async (answer) => {
    const refusal = await refusalBy(() => answer)
    expect(refusal).toMatchObject({
      code: 'auth_faulty',
      status: 500,
      level: 'error',
      message: 'Internal Server Error',
    })
    expect(refusal.cause).toMatchObject({ message: "the handler's answer to threads:update cannot be used" })
  })

  it('may be an exception with a status, which is answered in its words', async () => {
    const refusal = await refusalBy(() => {
      throw new HTTPException(402, { message: 'Pay first', headers: { 'x-price': '5' } })
    })
    expect(refusal).toMatchObject({ status: 402, message: 'Pay first', headers: { 'x-price': '5' } })
  })

  it('may be any other exception, which is a fault', async () => {
    const refusal = await refusalBy(() => Promise.reject(new Error('sesame')))
    expect(refusal).toMatchObject({ code: 'auth_faulty', message: 'Internal Server Error' })
  })

  it('is waited for ten seconds', async () => {
    const asked = expect(ask(() => new Promise(() => undefined))).rejects.toMatchObject({ code: 'auth_timed_out' })
    await clock.advance(AUTH_DEADLINE_MS)
    await asked
    expect(clock.waiting).toBe(0)
  })
})

describe('a handler', () => {
  it('is told what is asked, and by whom', async () => {
    const questions: unknown[] = []
    const value = { thread_id: 't' }
    await ask((question) => void questions.push(question), value)
    expect(questions).toEqual([
      {
        event: 'threads:update',
        resource: 'threads',
        action: 'update',
        value,
        user: { identity: 'ann', display_name: 'ann', is_authenticated: true, permissions: ['read'], team: 'red' },
        permissions: ['read'],
      },
    ])
  })

  it('changes the value that is used afterwards', async () => {
    const value: JsonObject = { metadata: { owner: 'eve', topic: 'tea' } }
    await ask(({ value: asked, user }) => {
      asked['metadata'] = { ...(asked['metadata'] as object), owner: (user as { identity: string }).identity }
    }, value)
    expect(metadataIn(value)).toEqual({ owner: 'ann', topic: 'tea' })
  })

  it('that is not there allows everything', async () => {
    expect(await ask(null)).toBeNull()
  })

  it('is not asked for nobody, to whom nothing is open', async () => {
    let asked = 0
    const counting = () => void (asked += 1)
    await expect(ask(counting, {}, null)).rejects.toMatchObject({ code: 'forbidden', status: 403 })
    await expect((await authorizationBy(counting)).ask('store:get', {})).rejects.toMatchObject({ code: 'forbidden' })
    await expect(ask(null, {}, null)).rejects.toMatchObject({ code: 'forbidden' })
    expect(asked).toBe(0)
  })

  it('is not forgotten: where the code was not loaded nobody may do anything', async () => {
    const authorization = new Authorization(customSettings(), new CustomAuth(), context, clock)
    await expect(context.run(ANN, () => authorization.ask('threads:read', {}))).rejects.toThrow('was not loaded')
  })
})

it.each<AuthSettings>([{ kind: 'none' }, { kind: 'keys', keyHashes: [] }])(
  'without auth.path everybody may do everything: %j',
  async (auth) => {
    let asked = 0
    const custom = await loaded(new Auth().authenticate(() => 'ann').on('*', () => void (asked += 1)))
    const authorization = new Authorization(settingsWith(auth), custom, context, clock)
    for (const caller of [null, ANN]) {
      expect(await context.run(caller, () => authorization.ask('threads:read', {}))).toBeNull()
    }
    expect(asked).toBe(0)
  },
)

describe('where there is no metadata', () => {
  const askStore = async (handler: Handler) => {
    const authorization = await authorizationBy(handler)
    return context.run(ANN, () => authorization.askWithoutFilter('store:put', {}))
  }

  it.each([null, true, {}])('%j allows', async (answer) => {
    expect(await askStore(() => answer)).toBeUndefined()
  })

  it('a filter is a refusal that names what is missing', async () => {
    await expect(askStore(() => ({ owner: 'ann' }))).rejects.toMatchObject({
      code: 'filter_without_metadata',
      status: 403,
      level: 'warn',
      message: expect.stringContaining('add a handler for "store" or "store:put"') as string,
    })
  })

  it('false forbids', async () => {
    await expect(askStore(() => false)).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('the metadata of a value', () => {
  it.each<[JsonObject, JsonObject]>([
    [{ metadata: { a: 1 } }, { a: 1 }],
    [{ metadata: null }, {}],
    [{ metadata: undefined }, {}],
    [{}, {}],
  ])('%j has %j', (value, metadata) => {
    expect(metadataIn(value)).toEqual(metadata)
  })

  it.each(['ann', 5, true, ['ann'], () => 'ann'])('cannot be %o', (metadata) => {
    expect(() => metadataIn({ metadata })).toThrow(expect.objectContaining({ code: 'auth_faulty', status: 500 }))
  })
})
