import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { systemAssistantId } from '#kernel'
import { TestServer } from '../support/test-server.js'
import { ask, AUTH_PROJECT, clientOf } from './callers.js'
import { makeWorld, MARKER, type World } from './world.js'

const server = TestServer.use({ config: AUTH_PROJECT })

interface Wish {
  readonly method?: string
  readonly path: string
  readonly body?: unknown
  readonly headers: Readonly<Record<string, string>>
}

/** Asks in somebody's name, with less of the handlers than they have for all; returns what was answered. */
async function asked(user: string, { method = 'POST', ...wish }: Wish): Promise<[status: number, body: unknown]> {
  const { status, text } = await ask(server.url, user, { method, ...wish })
  return [status, JSON.parse(text)]
}

const FREE = { 'x-filtered': 'none' }
const ownedBy = (owner: string) => expect.objectContaining({ metadata: expect.objectContaining({ owner }) as unknown })

describe('a filter by one handler alone', () => {
  it.each(['threads:create', 'threads:read', 'assistants:create', 'assistants:read'])(
    '%s keeps what is another’s from who creates over it',
    async (event) => {
      const { threadId, assistantId } = await makeWorld(server.url, 'alice')
      const [resource] = event.split(':')
      const id = resource === 'threads' ? { thread_id: threadId } : { assistant_id: assistantId, graph_id: 'echo' }
      const wish = { path: `/${resource}`, body: { ...id, if_exists: 'do_nothing' } }
      expect((await asked('bob', { ...wish, headers: { 'x-filtered': event } }))[0]).toBe(409)
      expect(await asked('bob', { ...wish, headers: FREE })).toEqual([200, ownedBy('alice')])
    },
  )

  it('threads:create_run keeps other runs than before from a cron whose thread has become another’s', async () => {
    const { cronId, queuedThreadId } = await makeWorld(server.url, 'alice')
    const change = (path: string, body: object, headers: Wish['headers']) =>
      asked('alice', { method: 'PATCH', path, body, headers })
    const given = { metadata: { owner: 'bob' } }
    expect((await change(`/threads/${queuedThreadId}`, given, { 'x-stamped': 'none' }))[0]).toBe(200)
    const changed = (headers: Wish['headers']) => change(`/runs/crons/${cronId}`, { input: { log: [] } }, headers)
    expect((await changed({ 'x-filtered': 'threads:create_run' }))[0]).toBe(404)
    expect((await changed(FREE))[0]).toBe(200)
  })

  it('threads:read ends a copy before the next handler is asked, whose answer would tell that the thread is there', async () => {
    const { threadId } = await makeWorld(server.url, 'alice')
    const copy = (id: string) =>
      asked('bob', { path: `/threads/${id}/copy`, body: {}, headers: { 'x-allowed': 'threads:read' } })
    expect(await copy(threadId)).toEqual(await copy(crypto.randomUUID()))
  })
})

describe('the assistant that a handler is told of', () => {
  const meant = systemAssistantId('echo')

  it.each([
    ['threads:create_run', '/runs', {}],
    ['crons:create', '/runs/crons', { schedule: '0 0 1 1 *' }],
  ])('%s: is the one that is meant, however it is named', async (event, path, wanted) => {
    for (const assistant_id of ['echo', meant, meant.toUpperCase()]) {
      const wish = { path, body: { assistant_id, input: { log: [] }, ...wanted } }
      expect((await asked('bob', { ...wish, headers: {} }))[0]).toBe(200)
      expect((await asked('bob', { ...wish, headers: { 'x-barred': `${event} ${meant}` } }))[0]).toBe(403)
    }
  })
})

describe('what a handler leaves in the metadata', () => {
  it.each<[of: string, path: (world: World) => string]>([
    ['a thread', ({ threadId }) => `/threads/${threadId}`],
    ['an assistant', ({ assistantId }) => `/assistants/${assistantId}`],
    ['a cron', ({ cronId }) => `/runs/crons/${cronId}`],
  ])('is what the metadata of %s become, whatever a change says', async (_of, path) => {
    const wish = { method: 'PATCH', body: { metadata: { owner: 'bob', topic: 'tea' } }, headers: {} }
    const changed = await asked('alice', { ...wish, path: path(await makeWorld(server.url, 'alice')) })
    const metadata = { marker: MARKER, topic: 'tea', owner: 'alice' }
    expect(changed).toEqual([200, expect.objectContaining({ metadata: expect.objectContaining(metadata) as unknown })])
  })

  it('is what a copy has, though the thread is another’s', async () => {
    const { thread_id } = await clientOf(server.url, 'alice').threads.create({ metadata: { topic: 'tea' } })
    const copied = await asked('bob', { path: `/threads/${thread_id}/copy`, body: {}, headers: FREE })
    expect(copied).toEqual([200, expect.objectContaining({ metadata: { topic: 'tea', owner: 'bob' } })])
  })

  it('of a run is what each run of a cron is promised, by the handler of runs alone', async () => {
    const body = { assistant_id: 'echo', schedule: '0 0 1 1 *', metadata: { topic: 'tea' } }
    const stamped = { 'x-stamped': 'threads:create_run' }
    expect(await asked('alice', { path: '/runs/crons', body, headers: stamped })).toEqual([
      200,
      expect.objectContaining({
        metadata: { topic: 'tea' },
        payload: expect.objectContaining({ metadata: { topic: 'tea', owner: 'alice' } }) as unknown,
      }),
    ])
  })

  it('of a run is what each run of a changed cron is promised, where the change names it', async () => {
    const { cronId } = await makeWorld(server.url, 'alice')
    const body = { metadata: { owner: 'bob', topic: 'tea' } }
    const headers = { 'x-stamped': 'threads:create_run' }
    expect(await asked('alice', { method: 'PATCH', path: `/runs/crons/${cronId}`, body, headers })).toEqual([
      200,
      expect.objectContaining({
        metadata: { marker: MARKER, owner: 'bob', topic: 'tea' },
        payload: expect.objectContaining({ metadata: { marker: MARKER, owner: 'alice', topic: 'tea' } }) as unknown,
      }),
    ])
  })

  it.each([
    ['nobody', {}],
    ['somebody else', { owner: 'bob' }],
  ])('is what an assistant has that goes back to a version of %s', async (_whose, owner) => {
    const body = { graph_id: 'echo', metadata: { topic: 'tea', ...owner } }
    const [, made] = await asked('alice', { path: '/assistants', body, headers: { 'x-stamped': 'none' } })
    expect(made).toMatchObject({ metadata: { topic: 'tea', ...owner } })
    const path = `/assistants/${(made as { assistant_id: string }).assistant_id}/latest`
    const latest = await asked('alice', { path, body: { version: 1 }, headers: FREE })
    expect(latest).toEqual([200, expect.objectContaining({ metadata: { topic: 'tea', owner: 'alice' } })])
  })
})

describe('what a handler leaves in the namespace', () => {
  const headers = { 'x-moved': 'yes' }
  const [namespace, key] = [['notes'], 'one']
  const item = { namespace: ['alice', 'notes'], key, value: { text: 'tea' } }
  const path = '/store/items?namespace=notes&key=one'
  const found = (user: string) =>
    Promise.all([
      asked(user, { method: 'GET', path, headers }),
      asked(user, { path: '/store/items/search', body: { namespace_prefix: namespace }, headers }),
      asked(user, { path: '/store/namespaces', body: { prefix: namespace }, headers }),
    ])
  const nothing = [
    [200, null],
    [200, { items: [] }],
    [200, { namespaces: [] }],
  ]

  it('is where an item is put, looked for and deleted', async () => {
    const change = (method: string, body: object) =>
      ask(server.url, 'alice', { method, path: '/store/items', body, headers })
    expect((await change('PUT', { namespace, key, value: item.value })).status).toBe(204)
    expect(await found('alice')).toEqual([
      [200, expect.objectContaining(item)],
      [200, { items: [expect.objectContaining(item)] }],
      [200, { namespaces: [item.namespace] }],
    ])
    expect(await found('bob')).toEqual(nothing)
    expect((await change('DELETE', { namespace, key })).status).toBe(204)
    expect(await found('alice')).toEqual(nothing)
  })
})
