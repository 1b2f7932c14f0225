import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DataSource } from 'typeorm'
import { dataSourceOptions } from '#database'
import { newId, systemAssistantId } from '#kernel'
import { AssistantVersion } from './assistant-version.entity.js'
import { type AssistantsApp, openAssistantsApp } from './assistants-app.spec.support.js'
import { ASSISTANT_ENTITIES } from './index.js'

let app: AssistantsApp
const told: unknown[] = []
let refusing = false

beforeAll(async () => {
  app = await openAssistantsApp()
  app.bus.inTransaction('assistant.deleted', 'spec', async (tx, event) => {
    const { rows } = await tx.query('SELECT 1 FROM assistants WHERE assistant_id = $1', [event.assistantId])
    const deleteThreads = event.deletesThread?.({}) ?? false
    told.push({ assistantId: event.assistantId, deleteThreads, stillThere: rows.length === 1 })
    if (refusing) throw new Error('a subscriber failed')
  })
})

afterAll(() => app.close())

beforeEach(() => app.reset())

afterEach(() => {
  told.length = 0
  refusing = false
})

type Wire = Record<string, unknown> & { assistant_id: string }

async function create(payload: object = {}): Promise<Wire> {
  const { status, body } = await app.request('POST', '/assistants', { graph_id: 'agent', ...payload })
  expect(status).toBe(200)
  return body as Wire
}

async function versions(id: string, payload: object = {}): Promise<Wire[]> {
  const { status, body } = await app.request('POST', `/assistants/${id}/versions`, payload)
  expect(status).toBe(200)
  return body as Wire[]
}

async function numbers(id: string, payload: object = {}): Promise<unknown[]> {
  return (await versions(id, payload)).map(({ version }) => version)
}

const patch = (id: string, payload?: object) => app.request('PATCH', `/assistants/${id}`, payload)
const setLatest = (id: string, version: unknown) => app.request('POST', `/assistants/${id}/latest`, { version })

describe('POST /assistants', () => {
  it('fills in every default, and takes null for absent', async () => {
    const nulls = { assistant_id: null, config: null, context: null, metadata: null, name: null, if_exists: null }
    const made = await create({ ...nulls, description: null, unknown: 1 })
    const blank = { graph_id: 'agent', name: 'Untitled', description: null, config: {}, context: {}, metadata: {} }
    const times = { created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:00.000Z' }
    expect(made).toEqual({ assistant_id: made.assistant_id, ...blank, version: 1, ...times })
    const { updated_at: _none, ...version } = made
    expect(await versions(made.assistant_id)).toEqual([version])
  })

  it('raises for a taken id, and with do_nothing answers with what is there', async () => {
    const assistant_id = newId()
    await create({ assistant_id, name: 'first', metadata: { a: 1 } })
    const again = { graph_id: 'agent', assistant_id: assistant_id.toUpperCase(), name: 'second' }
    const raised = await app.request('POST', '/assistants', again)
    expect([raised.status, raised.body]).toEqual([409, { detail: 'Assistant already exists' }])
    expect(await create({ ...again, if_exists: 'do_nothing' })).toMatchObject({ name: 'first', metadata: { a: 1 } })
    expect(await numbers(assistant_id)).toEqual([1])
  })

  it('makes one assistant for many that ask at once', async () => {
    const payload = { graph_id: 'agent', assistant_id: newId(), if_exists: 'do_nothing' }
    const answers = await Promise.all(Array.from({ length: 10 }, () => app.request('POST', '/assistants', payload)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200))
    expect(await numbers(payload.assistant_id)).toEqual([1])
  })

  it('keeps what PostgreSQL could not hold, with a mark in its place', async () => {
    const made = await create({ name: 'a\u0000b', description: '\ud800', metadata: { 'k\u0000': '\udfff' } })
    const expected = { name: 'a\ufffdb', description: '\ufffd', metadata: { 'k\ufffd': '\ufffd' } }
    expect((await app.request('GET', `/assistants/${made.assistant_id}`)).body).toMatchObject(expected)
  })

  it.each([
    [{ graph_id: 'nobody' }, 404, 'Graph "nobody" not found'],
    [{ graph_id: null }, 422, 'graph_id: '],
    [{ graph_id: '' }, 422, 'graph_id: '],
    [{ graph_id: 7 }, 422, 'graph_id: '],
    [{ graph_id: 'agent', assistant_id: 'nobody' }, 422, 'Invalid assistant ID: must be a UUID'],
    [{ graph_id: 'agent', if_exists: 'replace' }, 422, 'if_exists: must be one of'],
    [{ graph_id: 'agent', metadata: [] }, 422, 'metadata: must be an object'],
    [{ graph_id: 'agent', context: 'dry' }, 422, 'context: must be an object'],
    [{ graph_id: 'agent', config: 1 }, 422, 'config: must be an object'],
    [{ graph_id: 'agent', config: { configurable: [] } }, 422, 'config.configurable must be an object'],
    [{ graph_id: 'agent', config: { recursion_limit: 0 } }, 422, 'config.recursion_limit must be an integer'],
    [{ graph_id: 'agent', config: { tags: 'a' } }, 422, 'config.tags must be a list of strings'],
    [[], 422, 'body: must be an object'],
  ])('refuses %j', async (payload, status, detail) => {
    const answer = await app.request('POST', '/assistants', payload)
    expect([answer.status, (answer.body as { detail: string }).detail]).toEqual([
      status,
      expect.stringContaining(detail),
    ])
    expect((await app.request('POST', '/assistants/count', {})).body).toBe(2)
  })
})

describe('PATCH /assistants/{assistant_id}', () => {
  it('replaces what is given, merges metadata, and leaves the rest', async () => {
    const config = { tags: ['a'], configurable: { x: 1 } }
    const made = await create({
      name: 'n',
      description: 'd',
      config,
      context: { c: 1 },
      metadata: { a: 1, b: { c: 1 } },
    })
    await app.clock.advance(1000)
    const changes = { graph_id: 'other', config: { tags: ['b'] }, metadata: { b: { d: 2 } }, name: null }
    const { status, body } = await patch(made.assistant_id, changes)
    expect(status).toBe(200)
    expect(body).toEqual({
      ...made,
      graph_id: 'other',
      config: { tags: ['b'] },
      metadata: { a: 1, b: { d: 2 } },
      version: 2,
      updated_at: '2026-01-01T00:00:01.000Z',
    })
    expect((await app.request('GET', `/assistants/${made.assistant_id}`)).body).toEqual(body)
  })

  it('makes a version of an empty patch too, also of a system assistant', async () => {
    expect((await patch('agent')).body).toMatchObject({ version: 2, metadata: { created_by: 'system' } })
    expect((await patch(systemAssistantId('agent'), {})).body).toMatchObject({ version: 3 })
    expect(await numbers('agent')).toEqual([3, 2, 1])
  })

  it('numbers every one of many that come at once', async () => {
    const { assistant_id: id } = await create()
    await Promise.all(Array.from({ length: 10 }, (_, i) => patch(id, { metadata: { [`k${i}`]: i } })))
    expect(await numbers(id, { limit: 100 })).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    const { metadata } = (await app.request('GET', `/assistants/${id}`)).body as { metadata: object }
    expect(Object.keys(metadata)).toHaveLength(10)
  })

  it.each([
    ['nobody', {}, 422, 'Invalid assistant ID: must be a UUID'],
    [newId(), {}, 404, 'Assistant not found'],
    ['agent', { graph_id: 'nobody' }, 404, 'Graph "nobody" not found'],
    ['agent', { name: 3 }, 422, 'name: must be a string'],
  ])('refuses %s %j', async (id, payload, status, detail) => {
    const answer = await patch(id, payload)
    expect([answer.status, answer.body]).toEqual([status, { detail }])
    expect(await numbers('agent')).toEqual([1])
  })
})

describe('POST /assistants/{assistant_id}/latest', () => {
  it('brings everything of a version back, and the next version is behind the highest', async () => {
    const first = await create({ name: 'one', description: 'd', config: { tags: ['a'] }, context: { c: 1 } })
    const id = first.assistant_id
    await patch(id, { graph_id: 'other', name: 'two', description: 'e', config: {}, context: {}, metadata: { m: 1 } })
    await app.clock.advance(1000)
    const restored = await setLatest(id, 1)
    expect([restored.status, restored.body]).toEqual([200, { ...first, updated_at: app.clock.now().toISOString() }])
    expect(await numbers(id)).toEqual([2, 1])
    expect((await patch(id)).body).toMatchObject({ version: 3, name: 'one', graph_id: 'agent' })
  })

  it('takes the version from the query', async () => {
    const { assistant_id: id } = await create()
    await patch(id)
    expect((await app.request('POST', `/assistants/${id}/latest?version=1`)).body).toMatchObject({ version: 1 })
  })

  it.each([
    ['agent', 2, 404, 'Assistant version not found'],
    ['agent', Number.MAX_SAFE_INTEGER, 404, 'Assistant version not found'],
    [newId(), 1, 404, 'Assistant not found'],
    ['agent', 0, 422, 'version: must not be less than 1'],
    ['agent', '1', 422, 'version: must be an integer number'],
    ['agent', null, 422, 'version: must be an integer'],
  ])('refuses %s %j', async (id, version, status, detail) => {
    const answer = await setLatest(id, version)
    expect([answer.status, answer.body]).toEqual([status, { detail }])
  })
})

describe('POST /assistants/{assistant_id}/versions', () => {
  it('filters by metadata and pages, newest first', async () => {
    const { assistant_id: id } = await create({ metadata: { a: 1 } })
    await patch(id, { metadata: { b: 2 } })
    await patch(id, { metadata: { a: 3 } })
    expect(await numbers(id, { metadata: { b: 2 } })).toEqual([3, 2])
    expect(await numbers(id, { metadata: { a: 1 } })).toEqual([2, 1])
    expect(await numbers(id, { limit: 1, offset: 1 })).toEqual([2])
    expect(await numbers(id, { offset: 9 })).toEqual([])
  })

  it('hides what is private', async () => {
    const { assistant_id: id } = await create({ config: { __a: 1, configurable: { 'x-api-key': 's', b: 1 } } })
    expect((await versions(id))[0]?.['config']).toEqual({ configurable: { b: 1 } })
  })

  it('answers 404 for an unknown assistant alone', async () => {
    const id = newId()
    const unknown = await app.request('POST', `/assistants/${id}/versions`, {})
    expect([unknown.status, unknown.body]).toEqual([404, { detail: `Assistant "${id}" not found.` }])
    expect(await numbers('agent', { metadata: { a: 1 } })).toEqual([])
    expect((await app.request('POST', `/assistants/${id}/versions`, { limit: 0 })).status).toBe(422)
  })

  it('maps the table to TypeORM as the repository does', async () => {
    const { assistant_id: assistantId } = await create({ metadata: { a: 1 } })
    const mapped = await new DataSource({
      ...dataSourceOptions(app.db.pool),
      entities: ASSISTANT_ENTITIES,
    }).initialize()
    // Not destroyed: that would end the pool, which belongs to the test database.
    const entity = await mapped.manager.findOneByOrFail(AssistantVersion, { assistantId })
    expect(entity).toMatchObject({ version: 1, graphId: 'agent', metadata: { a: 1 }, createdAt: app.clock.now() })
  })
})

describe('DELETE /assistants/{assistant_id}', () => {
  it('tells subscribers while the row stands, then deletes it with its versions', async () => {
    const { assistant_id: assistantId } = await create()
    const { status, body } = await app.request('DELETE', `/assistants/${assistantId}?delete_threads=true`)
    expect([status, body]).toEqual([200, [assistantId]])
    expect(told).toEqual([{ assistantId, deleteThreads: true, stillThere: true }])
    expect((await app.request('GET', `/assistants/${assistantId}`)).status).toBe(404)
    expect((await app.request('POST', `/assistants/${assistantId}/versions`)).status).toBe(404)
    const left = 'SELECT 1 FROM assistant_versions WHERE assistant_id = $1'
    expect((await app.db.database.query(left, [assistantId])).rows).toEqual([])
  })

  it.each([
    ['', false],
    ['?delete_threads=', false],
    ['?delete_threads=0', false],
    ['?delete_threads=1', true],
  ])('reads %j', async (query, deleteThreads) => {
    const { assistant_id: assistantId } = await create()
    expect((await app.request('DELETE', `/assistants/${assistantId}${query}`)).status).toBe(200)
    expect(told).toEqual([{ assistantId, deleteThreads, stillThere: true }])
  })

  it('deletes nothing when a subscriber fails', async () => {
    const { assistant_id: assistantId } = await create()
    refusing = true
    expect((await app.request('DELETE', `/assistants/${assistantId}`)).status).toBe(500)
    expect(await numbers(assistantId)).toEqual([1])
  })

  it('lets a system assistant go until the next start', async () => {
    await patch('agent', { name: 'renamed' })
    expect((await app.request('DELETE', '/assistants/agent')).body).toEqual([systemAssistantId('agent')])
    expect((await app.request('GET', '/assistants/agent')).status).toBe(404)
    await app.service.ensureSystemAssistants()
    expect((await app.request('GET', '/assistants/agent')).body).toMatchObject({ name: 'agent', version: 1 })
    expect(await numbers('agent')).toEqual([1])
  })

  it('refuses what it does not know', async () => {
    const unknown = await app.request('DELETE', `/assistants/${newId()}`)
    expect([unknown.status, unknown.body]).toEqual([404, { detail: 'Assistant not found' }])
    const word = await app.request('DELETE', '/assistants/agent?delete_threads=maybe')
    expect([word.status, word.body]).toEqual([422, { detail: 'delete_threads: must be a boolean' }])
    expect((await app.request('DELETE', '/assistants/nobody')).status).toBe(422)
    expect(told).toEqual([])
  })
})
