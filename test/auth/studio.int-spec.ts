import 'reflect-metadata'
import { expect, it } from 'vitest'
import { TestServer } from '../support/test-server.js'
import { ask, AUTH_PROJECT } from './callers.js'

const server = TestServer.use({ config: AUTH_PROJECT, command: 'dev' })
const STUDIO = { 'x-auth-scheme': 'langsmith' }

it('works in dev as a user of its own, to whom the handlers apply', async () => {
  const create = { method: 'POST', path: '/threads', body: {}, headers: STUDIO }
  const made = await ask(server.url, null, create)
  expect(made.status).toBe(200)
  const { thread_id: threadId, metadata } = JSON.parse(made.text) as { thread_id: string; metadata: object }
  expect(metadata).toEqual({ owner: 'langgraph-studio-user' })
  const path = `/threads/${threadId}`
  expect((await ask(server.url, null, { method: 'GET', path, headers: STUDIO })).status).toBe(200)
  expect((await ask(server.url, 'alice', { method: 'GET', path })).status).toBe(404)
  const refused = await ask(server.url, null, { method: 'DELETE', path, headers: STUDIO })
  expect([refused.status, JSON.parse(refused.text)]).toEqual([403, { detail: 'Forbidden' }])
})

it('is nobody behind a proxy, or without its header', async () => {
  const search = { method: 'POST', path: '/threads/search', body: {} }
  expect((await ask(server.url, null, search)).status).toBe(401)
  const headers = { ...STUDIO, 'x-forwarded-for': '203.0.113.7' }
  expect((await ask(server.url, null, { ...search, headers })).status).toBe(401)
})
