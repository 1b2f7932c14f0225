import 'reflect-metadata'
import { Auth } from '@langchain/langgraph-sdk/auth'
import { describe, expect, it } from 'vitest'
import { type AuthEvent, handlerNames } from './auth-events.js'
import { type AuthCallback, AuthHandlers } from './auth-handlers.js'

const LABEL = 'auth.path (src/auth.ts)'

/** An `Auth` whose handlers answer with the name under which they stand. */
function naming(...names: string[]): AuthHandlers {
  const auth = new Auth().authenticate(() => 'ann')
  for (const name of names) auth.on(name as '*', (() => name) as never)
  return AuthHandlers.of(auth, LABEL)
}

function answerOf(handlers: AuthHandlers, event: AuthEvent): unknown {
  return handlers.handlerOf(event)?.({})
}

describe('the handler of an event', () => {
  it('is looked for by these names', () => {
    expect(handlerNames('threads:create_run')).toEqual(['threads:create_run', 'threads', '*:create_run', '*'])
  })

  it.each<[AuthEvent, string[], string]>([
    ['threads:create', ['*', '*:create', 'threads', 'threads:create'], 'threads:create'],
    ['threads:create', ['threads:create', 'threads', '*:create', '*'], 'threads:create'],
    ['threads:create', ['*', '*:create', 'threads', 'threads:read'], 'threads'],
    ['threads:create', ['*', '*:create', 'assistants', 'threads:create_run'], '*:create'],
    ['threads:create', ['*', '*:read', 'crons'], '*'],
    ['threads:create_run', ['*', '*:create', 'threads:create'], '*'],
    ['store:list_namespaces', ['*', '*:list_namespaces', 'store:search'], '*:list_namespaces'],
    ['crons:delete', ['*:delete', 'threads:delete'], '*:delete'],
  ])('%s is, among %j, that of %s', (event, names, expected) => {
    expect(answerOf(naming(...names), event)).toBe(expected)
  })

  it.each<AuthEvent>(['threads:read', 'store:get'])('%s may have none', (event) => {
    expect(naming('threads:create', '*:update', 'assistants').handlerOf(event)).toBeNull()
    expect(naming().handlerOf(event)).toBeNull()
  })

  it('may stand under several names, and the last one that is registered counts', () => {
    const auth = new Auth().authenticate(() => 'ann')
    auth.on(['threads:read', 'assistants'], (() => 'first') as never).on('assistants', (() => 'second') as never)
    const handlers = AuthHandlers.of(auth, LABEL)
    expect(answerOf(handlers, 'threads:read')).toBe('first')
    expect(answerOf(handlers, 'assistants:read')).toBe('second')
  })

  it('is never found among what every object has', () => {
    const inherited = {
      authenticate: () => 'ann',
      callbacks: Object.create({ '*': (() => 'inherited') as AuthCallback }) as object,
    }
    expect(AuthHandlers.of({ '~handlerCache': inherited }, LABEL).handlerOf('threads:read')).toBeNull()
  })
})

describe('a handler that would close nothing', () => {
  it.each(['thread', 'threads:reed', 'runs', '*:join', 'threads:*'])('refuses the start: %s is never asked', (name) => {
    expect(() => naming(name)).toThrow(`${LABEL}: a handler for "${name}" is never asked. Write one of *, *:create, `)
  })

  it('refuses the start where it is no function', () => {
    const auth = new Auth().authenticate(() => 'ann').on('threads', undefined as never)
    expect(() => AuthHandlers.of(auth, LABEL)).toThrow(`${LABEL}: the handler for "threads" is no function. `)
  })
})

describe('what auth.path names', () => {
  it('is an Auth, also of another copy of the SDK', async () => {
    const copy = { '~handlerCache': { authenticate: () => 'ann', callbacks: { threads: () => false } } }
    const handlers = AuthHandlers.of(copy, LABEL)
    expect(await handlers.authenticate(new Request('http://server'))).toBe('ann')
    expect(answerOf(handlers, 'threads:read')).toBe(false)
  })

  it.each([
    [undefined],
    [null],
    ['auth'],
    [() => new Auth()],
    [{}],
    [{ authenticate: () => 'ann' }],
    [{ '~handlerCache': null }],
    [{ '~handlerCache': () => 'ann' }],
  ])('is refused where it is %o', (exported) => {
    expect(() => AuthHandlers.of(exported, LABEL)).toThrow(
      expect.objectContaining({
        code: 'start_refused',
        message: expect.stringMatching(
          /^auth\.path \(src\/auth\.ts\): the export is no Auth .* Export new Auth\(\)/,
        ) as string,
      }),
    )
  })

  it('is refused where it authenticates nobody', () => {
    expect(() =>
      AuthHandlers.of(
        new Auth().on('*', () => true),
        LABEL,
      ),
    ).toThrow(
      expect.objectContaining({
        code: 'start_refused',
        message: expect.stringMatching(/^auth\.path \(src\/auth\.ts\): .* no authenticate handler\. Call/) as string,
      }),
    )
  })
})
