import 'reflect-metadata'
import { createHash } from 'node:crypto'
import { Auth, HTTPException } from '@langchain/langgraph-sdk/auth'
import { describe, expect, it } from 'vitest'
import type { AuthSettings, ServerMode } from '#config'
import { FakeClock } from '#testing'
import { callWith, customSettings, loaded, settingsWith } from './auth-room.spec.support.js'
import { Authentication } from './authentication.js'
import { CustomAuthentication } from './custom-authentication.js'

const KEY = 'the-first-of-the-keys'
const KEYS: AuthSettings = { kind: 'keys', keyHashes: [createHash('sha256').update(KEY).digest()] }
const CUSTOM = customSettings().auth as AuthSettings & { kind: 'custom' }

async function authenticationBy(auth: AuthSettings, mode: ServerMode = 'start'): Promise<Authentication> {
  const project = new Auth().authenticate((request) => {
    if (request.headers.get('authorization') === 'Bearer ann') return 'ann'
    throw new HTTPException(401, { message: 'Who are you?' })
  })
  const settings = settingsWith(auth, mode)
  return new Authentication(settings, new CustomAuthentication(settings, await loaded(project), new FakeClock()))
}

const ANN = { authorization: 'Bearer ann' }

describe('who calls', () => {
  it('is asked where something is configured', async () => {
    expect((await authenticationBy({ kind: 'none' })).isRequired).toBe(false)
    expect((await authenticationBy(KEYS)).isRequired).toBe(true)
    expect((await authenticationBy(CUSTOM)).isRequired).toBe(true)
  })

  it('is nobody where nothing is configured, whatever is brought', async () => {
    const authentication = await authenticationBy({ kind: 'none' })
    await expect(authentication.authenticate(callWith({ 'x-api-key': KEY, ...ANN }))).rejects.toThrow('Unauthorized')
  })

  it('is known by a key, and by nothing that the project’s code would take', async () => {
    const authentication = await authenticationBy(KEYS)
    expect((await authentication.authenticate(callWith({ 'x-api-key': KEY }))).identity).toMatch(/^api-key-/)
    await expect(authentication.authenticate(callWith(ANN))).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('is known by the project’s code, and not by a key', async () => {
    const authentication = await authenticationBy(CUSTOM)
    expect((await authentication.authenticate(callWith(ANN))).identity).toBe('ann')
    await expect(authentication.authenticate(callWith({ 'x-api-key': KEY }))).rejects.toThrow('Who are you?')
  })
})

describe('Studio', () => {
  const studio = { host: 'localhost:8123', 'x-auth-scheme': 'langsmith' }
  const here = callWith(studio, '127.0.0.1')

  it('works in dev on this machine without the project’s code', async () => {
    const authentication = await authenticationBy(CUSTOM, 'dev')
    expect((await authentication.authenticate(here)).identity).toBe('langgraph-studio-user')
    await expect(authentication.authenticate(callWith(studio))).rejects.toThrow('Who are you?')
  })

  it.each<[string, AuthSettings, ServerMode]>([
    ['in start', CUSTOM, 'start'],
    ['where it is switched off', { ...CUSTOM, disableStudioAuth: true }, 'dev'],
    ['where keys are asked for', KEYS, 'dev'],
  ])('is asked like everybody else %s', async (_where, auth, mode) => {
    await expect((await authenticationBy(auth, mode)).authenticate(here)).rejects.toMatchObject({ status: 401 })
  })
})
