import 'reflect-metadata'
import { Client } from '@langchain/langgraph-sdk'
import { describe, expect, it } from 'vitest'
import { TestServer } from '../support/test-server.js'
import { ask, AUTH_PROJECT } from './callers.js'
import { withoutAuth } from './projects.js'

const KEYS = ['the-first-of-the-keys', 'the-second-of-the-keys']

const server = TestServer.use({
  config: withoutAuth(AUTH_PROJECT),
  environment: { SIGNALBOX_API_KEYS: KEYS.join(', ') },
})

const clientWith = (apiKey: string) => new Client({ apiUrl: server.url, apiKey, callerOptions: { maxRetries: 0 } })

describe('API keys', () => {
  it.each(KEYS)('let in who brings %s, to everything', async (key) => {
    const { thread_id } = await clientWith(key).threads.create()
    for (const other of KEYS) expect((await clientWith(other).threads.get(thread_id)).thread_id).toBe(thread_id)
  })

  it.each([
    ['no key', {}],
    ['an empty one', { 'x-api-key': '' }],
    ['a wrong one', { 'x-api-key': 'the-third-of-the-keys' }],
    ['the beginning of one', { 'x-api-key': 'the-first-of-the-key' }],
    ['both at once', { 'x-api-key': KEYS.join(', ') }],
    ['one in another header', { authorization: `Bearer ${KEYS[0]}` }],
  ])('let nobody in with %s', async (_what, headers) => {
    const request = { method: 'POST', path: '/threads/search', body: {}, headers }
    const { status, text } = await ask(server.url, null, request)
    expect([status, JSON.parse(text)]).toEqual([401, { detail: 'Unauthorized' }])
  })

  it('tell graphs and crons apart by a fingerprint, and the key itself is nowhere', async () => {
    const client = clientWith(KEYS[0]!)
    const { seen } = (await client.runs.wait(null, 'whoami', { input: {} })) as { seen: Record<string, unknown> }
    expect(seen['langgraph_auth_user_id']).toMatch(/^api-key-[0-9a-f]{12}$/)
    const cron = await client.crons.create('echo', { schedule: '0 0 1 1 *' })
    expect(cron).toMatchObject({ user_id: seen['langgraph_auth_user_id'] })
    const shown = JSON.stringify([seen, cron, await client.runs.list((await client.threads.create()).thread_id)])
    for (const key of KEYS) {
      expect(shown).not.toContain(key)
      expect(server.output.join('\n')).not.toContain(key)
    }
  })

  it('leave /ok and /info open', async () => {
    for (const path of ['/ok', '/info']) expect((await ask(server.url, null, { method: 'GET', path })).status).toBe(200)
  })
})
