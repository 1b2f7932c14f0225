import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel'
import * as graphs from '../../test/fixtures/project/schemas.js'
import { type AssistantsApp, openAssistantsApp } from './assistants-app.spec.support.js'

let app: AssistantsApp
const { annotated, weighed, untyped } = graphs
const undrawable = { getGraphAsync: () => Promise.reject(new Error('End node x not found!')) }

beforeAll(async () => {
  const made = (config: object) => graphs.made(config)
  app = await openAssistantsApp({
    annotated: () => annotated,
    weighed: () => weighed,
    untyped: () => untyped,
    undrawable: () => undrawable,
    made,
  })
  await app.reset()
})

afterAll(() => app.close())

interface Drawing {
  nodes: { id: string; type: string; data: { name?: string } }[]
  edges: { source: string; target: string; conditional?: boolean }[]
}

async function nodes(query: string): Promise<unknown[]> {
  const { status, body } = await app.request('GET', `/assistants/weighed/graph${query}`)
  expect(status).toBe(200)
  return (body as Drawing).nodes.map(({ id }) => id)
}

async function subgraphs(path: string): Promise<string[]> {
  const { status, body } = await app.request('GET', `/assistants/weighed/subgraphs${path}`)
  expect(status).toBe(200)
  return Object.keys(body as object)
}

describe('GET /assistants/{assistant_id}/graph', () => {
  it('draws nodes and edges', async () => {
    const { body } = await app.request('GET', '/assistants/weighed/graph')
    const { nodes, edges } = body as Drawing
    expect(nodes.map(({ id, type, data }) => [id, type, data.name])).toEqual([
      ['__start__', 'schema', undefined],
      ['gp_one', 'runnable', 'gp_one'],
      ['gp_two', 'runnable', expect.any(String)],
      ['__end__', 'schema', undefined],
    ])
    expect(edges).toContainEqual({ source: '__start__', target: 'gp_one', conditional: false })
    expect(edges).toContainEqual({ source: 'gp_one', target: 'gp_two', conditional: true })
  })

  it.each([
    ['?xray=', ['gp_one', 'gp_two']],
    ['?xray=false', ['gp_one', 'gp_two']],
    ['?xray=0', ['gp_one', 'gp_two']],
    ['?xray=1', ['gp_one', 'gp_two:p_one', 'gp_two:p_two']],
    ['?xray=2', ['gp_one', 'gp_two:p_one', 'gp_two:p_two:c_one', 'gp_two:p_two:c_two']],
    ['?xray=true', ['gp_one', 'gp_two:p_one', 'gp_two:p_two:c_one', 'gp_two:p_two:c_two']],
  ])('expands subgraphs with %s', async (query, between) => {
    expect(await nodes(query)).toEqual(['__start__', ...between, '__end__'])
  })

  it.each([
    ['weighed/graph?xray=-1', 422, 'xray: must be an integer from 0 to 1000'],
    ['weighed/graph?xray=1.5', 422, 'xray: must be an integer from 0 to 1000'],
    ['weighed/graph?xray=deep', 422, 'xray: must be a boolean'],
    ['undrawable/graph', 422, 'Graph "undrawable" cannot be drawn: End node x not found!'],
    ['nobody/graph', 422, 'Invalid assistant ID: must be a UUID'],
    [`${newId()}/graph`, 404, 'Assistant not found'],
    [`${newId()}/schemas`, 404, 'Assistant not found'],
    [`${newId()}/subgraphs`, 404, 'Assistant not found'],
    ['weighed/subgraphs?recurse=deep', 422, 'recurse: must be a boolean'],
  ])('refuses %s', async (path, status, detail) => {
    const answer = await app.request('GET', `/assistants/${path}`)
    expect([answer.status, answer.body]).toEqual([status, { detail }])
  })

  it('tells when the graph is gone from the project, or its factory fails for the config', async () => {
    const { assistantId: gone } = await app.insert({ graphId: 'gone' })
    const { assistantId: broken } = await app.insert({ graphId: 'made', config: { configurable: { broken: true } } })
    for (const route of ['graph', 'schemas', 'subgraphs']) {
      const unknown = await app.request('GET', `/assistants/${gone}/${route}`)
      expect([unknown.status, unknown.body]).toEqual([404, { detail: 'Graph "gone" not found' }])
      const unmade = await app.request('GET', `/assistants/${broken}/${route}`)
      const detail = 'Graph "made" could not be made: broken by its configuration'
      expect([unmade.status, unmade.body]).toEqual([422, { detail }])
      expect((await app.request('GET', `/assistants/made/${route}`)).status).toBe(200)
    }
  })
})

describe('GET /assistants/{assistant_id}/subgraphs', () => {
  it.each([
    ['', ['gp_two']],
    ['?recurse=false', ['gp_two']],
    ['?recurse=true', ['gp_two', 'gp_two|p_two']],
    ['/gp_two', ['gp_two']],
    ['/gp_two?recurse=true', ['gp_two', 'gp_two|p_two']],
    ['/gp_two|p_two', ['gp_two|p_two']],
    ['/gp_two%7Cp_two?recurse=1', ['gp_two|p_two']],
    ['/gp_one', []],
    ['/no/such', []],
    ['/__proto__', []],
    ['/', ['gp_two']],
  ])('finds those of %j', async (path, namespaces) => {
    expect(await subgraphs(path)).toEqual(namespaces)
  })

  it('gives each under both sets of keys', async () => {
    const { body } = await app.request('GET', '/assistants/weighed/subgraphs')
    const schema = { $schema: expect.stringContaining('draft-07'), type: 'object', properties: { topic: {} } }
    expect(body).toEqual({
      gp_two: {
        state: schema,
        input: schema,
        output: schema,
        config: null,
        state_schema: schema,
        input_schema: schema,
        output_schema: schema,
        config_schema: null,
        context_schema: null,
      },
    })
  })
})

describe('GET /assistants/{assistant_id}/schemas', () => {
  it('gives the types of the graph', async () => {
    const { body } = await app.request('GET', '/assistants/annotated/schemas')
    expect(body).toMatchObject({
      graph_id: 'annotated',
      input_schema: { properties: { topic: {} } },
      state_schema: { properties: { messages: { langgraph_type: 'messages' }, topic: {}, count: {} } },
      context_schema: null,
    })
  })

  it('gives null for a graph without types', async () => {
    const none = { input_schema: null, output_schema: null, state_schema: null, config_schema: null }
    const { body } = await app.request('GET', '/assistants/untyped/schemas')
    expect(body).toEqual({ graph_id: 'untyped', ...none, context_schema: null })
  })
})
