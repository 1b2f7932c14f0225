import 'reflect-metadata'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DataSource } from 'typeorm'
import { dataSourceOptions } from '#database'
import { newId, systemAssistantId } from '#kernel'
import { type AssistantsApp, openAssistantsApp } from './assistants-app.spec.support.js'
import { ASSISTANT_ENTITIES, Assistant } from './index.js'

let app: AssistantsApp

beforeAll(async () => {
  app = await openAssistantsApp()
})

afterAll(() => app.close())

beforeEach(() => app.reset())

const insert = (changes: Partial<Assistant>) => app.insert(changes)
const get = (url: string) => app.request('GET', url)
const post = (url: string, payload?: object) => app.request('POST', url, payload)

async function search(payload: object): Promise<unknown[]> {
  const { status, body } = await post('/assistants/search', payload)
  expect(status).toBe(200)
  return (body as { name: unknown }[]).map(({ name }) => name)
}

describe('system assistants', () => {
  it('are made once per graph, with the defaults of the configuration', async () => {
    const { status, body } = await get(`/assistants/${systemAssistantId('agent')}`)
    expect(status).toBe(200)
    expect(body).toEqual({
      assistant_id: 'fe096781-5601-53d2-b2f6-0d3403f7e9ca',
      graph_id: 'agent',
      name: 'agent',
      description: 'Talks',
      config: { configurable: { model_name: 'openai' } },
      context: { tone: 'dry' },
      metadata: { created_by: 'system' },
      version: 1,
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
    })
    expect((await post('/assistants/count', {})).body).toBe(2)
  })

  it('are left as they are by the next start', async () => {
    await app.db.database.query(`UPDATE assistants SET name = 'renamed' WHERE graph_id = 'other'`)
    await app.service.ensureSystemAssistants()
    expect(await search({ sort_by: 'name', sort_order: 'asc' })).toEqual(['agent', 'renamed'])
  })
})

describe('an assistant that a client has put under the id of a graph before there was the graph', () => {
  it('is made from the graph at the next start, for whoever names the graph', async () => {
    await app.db.database.query('DELETE FROM assistants')
    const id = systemAssistantId('agent')
    const squatter = {
      assistant_id: id,
      graph_id: 'other',
      config: { tags: ['mine'] },
      metadata: { created_by: 'system' },
    }
    expect((await post('/assistants', squatter)).status).toBe(200)
    await app.service.ensureSystemAssistants()
    const taken = { graph_id: 'agent', name: 'agent', config: { configurable: { model_name: 'openai' } }, version: 2 }
    expect((await get('/assistants/agent')).body).toMatchObject(taken)
    await app.request('PATCH', '/assistants/agent', { metadata: { created_by: 'nobody' } })
    await app.service.ensureSystemAssistants()
    expect((await get('/assistants/agent')).body).toMatchObject({ metadata: { created_by: 'nobody' }, version: 3 })
  })
})

describe('resolve', () => {
  it('takes a graph id and an assistant id, in any case', async () => {
    const id = systemAssistantId('other')
    expect((await app.service.resolve(app.db.database, 'other')).assistantId).toBe(id)
    expect((await app.service.resolve(app.db.database, id.toUpperCase())).assistantId).toBe(id)
  })

  it.each(['nobody', newId(), 'undefined', ''])('refuses %j with the sentence of the contract', async (id) => {
    await expect(app.service.resolve(app.db.database, id)).rejects.toMatchObject({
      status: 404,
      message: `No assistant found for "${id}". Make sure the assistant ID is for a valid assistant or a valid graph ID.`,
    })
  })
})

describe('GET /assistants/{assistant_id}', () => {
  it('takes a graph id', async () => {
    expect((await get('/assistants/other')).body).toMatchObject({ graph_id: 'other', config: {}, context: {} })
  })

  it('answers 404 for an unknown id and 422 for a malformed one', async () => {
    const unknown = await get(`/assistants/${newId()}`)
    expect([unknown.status, unknown.body]).toEqual([404, { detail: 'Assistant not found' }])
    const malformed = await get('/assistants/nobody')
    expect([malformed.status, malformed.body]).toEqual([422, { detail: 'Invalid assistant ID: must be a UUID' }])
  })

  it('shows no internal keys and no secret headers', async () => {
    const config = { __a: 1, tags: ['t'], configurable: { __b: 1, 'x-api-key': 's', max_tokens: 3 } }
    const { assistantId } = await insert({ config })
    const { body } = await get(`/assistants/${assistantId}`)
    expect(body).toMatchObject({ config: { tags: ['t'], configurable: { max_tokens: 3 } } })
    expect(JSON.stringify(body)).not.toMatch(/__|x-api-key/)
  })
})

describe('POST /assistants/search', () => {
  it('takes no body at all, and answers newest first', async () => {
    await insert({ name: 'newer', createdAt: new Date('2026-02-01') })
    const { status, body } = await post('/assistants/search')
    expect(status).toBe(200)
    expect((body as { name: string }[])[0]?.name).toBe('newer')
  })

  it('filters by metadata, graph and a part of the name, and takes null for absent', async () => {
    await insert({ name: 'Blue 100%_x', metadata: { team: { name: 'red', size: 3 }, tags: ['a', 'b'] } })
    await insert({ name: 'Green', graphId: 'other', metadata: { team: { name: 'red' } } })
    expect(await search({ metadata: { team: { name: 'red' } }, graph_id: 'other' })).toEqual(['Green'])
    expect(await search({ metadata: { tags: ['b'] } })).toEqual(['Blue 100%_x'])
    expect(await search({ metadata: { team: { size: '3' } } })).toEqual([])
    expect(await search({ name: 'bLUE' })).toEqual(['Blue 100%_x'])
    expect(await search({ name: '0%_' })).toEqual(['Blue 100%_x'])
    expect(await search({ name: '%' })).toEqual(['Blue 100%_x'])
    expect(await search({ name: 'blue', metadata: null, graph_id: null, select: null, limit: null })).toHaveLength(1)
    expect((await post('/assistants/count', { metadata: { team: { name: 'red' } } })).body).toBe(2)
  })

  it('takes a filter that PostgreSQL could not hold', async () => {
    expect(await search({ name: 'a\u0000', graph_id: '\u0000', metadata: { a: '\u0000\ud800' } })).toEqual([])
  })

  it('breaks ties of the sorting by id, whatever the direction', async () => {
    const tied = [newId(), newId(), newId()]
    for (const assistantId of tied) await insert({ assistantId, graphId: 'tied', name: assistantId })
    expect(await search({ graph_id: 'tied', sort_by: 'graph_id' })).toEqual(tied)
    expect(await search({ graph_id: 'tied', sort_by: 'graph_id', sort_order: 'asc' })).toEqual(tied)
    expect(await search({ graph_id: 'tied', sort_by: 'name', sort_order: 'desc' })).toEqual(tied.toReversed())
  })
})

describe('the answer of POST /assistants/search', () => {
  it('names the next page while there is one, and the true total', async () => {
    for (const name of ['a', 'b', 'c']) await insert({ name, graphId: 'paged' })
    const first = await post('/assistants/search', { graph_id: 'paged', limit: 2 })
    expect(first.body).toHaveLength(2)
    expect(first.headers).toMatchObject({ 'x-pagination-next': '2', 'x-pagination-total': '3' })
    const last = await post('/assistants/search', { graph_id: 'paged', limit: 2, offset: 2 })
    expect(last.body).toHaveLength(1)
    expect(last.headers['x-pagination-total']).toBe('3')
    expect(last.headers['x-pagination-next']).toBeUndefined()
    const beyond = await post('/assistants/search', { graph_id: 'paged', limit: 2, offset: 8 })
    expect([beyond.body, beyond.headers['x-pagination-total']]).toEqual([[], '3'])
  })

  it('answers with the selected fields alone', async () => {
    const { body } = await post('/assistants/search', { graph_id: 'other', select: ['name', 'version'] })
    expect(body).toEqual([{ name: 'other', version: 1 }])
  })

  it.each([
    [{ limit: 0 }, 'limit: must not be less than 1'],
    [{ limit: 1001 }, 'limit: must not be greater than 1000'],
    [{ offset: 1e300 }, 'offset: must not be greater than 9007199254740991'],
    [{ metadata: ['a'] }, 'metadata: must be an object'],
    [{ sort_by: 'config; DROP TABLE runs' }, 'sort_by: must be one of the following values'],
    [{ select: ['secret'] }, 'select: each value in select must be one of the following values'],
    [{ name: 3 }, 'name: must be a string'],
    [[], 'body: must be an object'],
  ])('refuses %j', async (payload, detail) => {
    const { status, body } = await post('/assistants/search', payload)
    expect(status).toBe(422)
    expect((body as { detail: string }).detail).toContain(detail)
  })
})

describe('Assistant', () => {
  it('maps the table to TypeORM as the repository does', async () => {
    const { assistantId } = await insert({ metadata: { a: 1 } })
    const mapped = await new DataSource({
      ...dataSourceOptions(app.db.pool),
      entities: ASSISTANT_ENTITIES,
    }).initialize()
    // Not destroyed: that would end the pool, which belongs to the test database.
    const entity = await mapped.manager.findOneByOrFail(Assistant, { assistantId })
    expect(entity).toEqual(await app.repository.find(app.db.database, assistantId))
  })
})
