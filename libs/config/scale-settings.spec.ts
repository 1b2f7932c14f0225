import 'reflect-metadata'
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { faultsOf, load } from './project.spec.support.js'

const POSTGRES = { DATABASE_URI: 'postgres://h/d' }
const BOTH = { ...POSTGRES, REDIS_URI: 'rediss://user:hush@h:6380/2' }

it('is one process of every role, unless Redis says that there may be others', () => {
  expect(load({})).toMatchObject({ role: 'all', redis: null })
  expect(load({}, POSTGRES)).toMatchObject({ role: 'all', redis: null })
  expect(load({}, BOTH)).toMatchObject({ role: 'all', redis: { uri: 'rediss://user:hush@h:6380/2' } })
  expect(inspect(load({}, BOTH), { depth: 9 })).not.toContain('hush')
})

it('takes the role from the variable, or from the command line before it', () => {
  expect(load({}, { ...BOTH, SIGNALBOX_ROLE: 'Worker' }).role).toBe('worker')
  expect(load({}, { ...BOTH, SIGNALBOX_ROLE: 'worker' }, { role: 'api' }).role).toBe('api')
  const wrong = faultsOf(() => load({}, BOTH, { role: 'apis' }))
  expect(wrong).toMatchObject({ where: ['command line'], lines: ['--role is not a role of a process'] })
})

it.each([
  [{}, 'DATABASE_URI and REDIS_URI'],
  [POSTGRES, 'Set REDIS_URI,'],
  [{ REDIS_URI: 'redis://h' }, 'DATABASE_URI and REDIS_URI'],
])('refuses one of several processes with %j alone, and says what is missing', (variables, missing) => {
  for (const role of ['api', 'worker']) {
    const { lines, message } = faultsOf(() => load({}, { ...variables, SIGNALBOX_ROLE: role }))
    expect(lines).toEqual([`SIGNALBOX_ROLE "${role}" needs a PostgreSQL server and Redis`])
    expect(message).toContain(missing)
    expect(faultsOf(() => load({}, variables, { role })).where).toEqual(['command line'])
  }
})

it.each(['redis://', 'redis://h/abc', 'redis://h/1/2', 'redis://:p%zz@h', 'http://h', 'h:6379'])(
  'refuses %j, which no client of Redis could use',
  (uri) => {
    expect(faultsOf(() => load({}, { ...POSTGRES, REDIS_URI: uri })).lines).toEqual([
      'REDIS_URI is not the address of a Redis server',
    ])
  },
)

it.each(['redis://h', 'redis://h/', 'redis://h:6380/15', 'redis://user:p%25@h/0', 'rediss://:p@[::1]:6379'])(
  'takes %j',
  (uri) => expect(load({}, { ...POSTGRES, REDIS_URI: uri }).redis).toEqual({ uri }),
)

it('warns that Redis is of no use to the embedded database', () => {
  const settings = load({}, { REDIS_URI: 'redis://h' })
  expect(settings.redis).toBeNull()
  expect(settings.warnings).toEqual([expect.stringContaining('REDIS_URI is not used with the embedded database')])
})
