import 'reflect-metadata'
import {
  Annotation,
  DeltaValue,
  MessagesAnnotation,
  START,
  StateGraph,
  StateSchema,
  UntrackedValue,
} from '@langchain/langgraph'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import * as graphs from '../../test/fixtures/project/schemas.js'
import { FakeImporter, graphSettings } from './executor.spec.support.js'
import { GraphDrawing } from './graph-drawing.js'
import { GraphRegistry } from './graph-registry.js'
import { GraphStore } from './graph-store.js'
import { GraphSchemas } from './graph-schemas.js'
import type { StaticGraph } from './static-graph.js'
import type { StaticSchemas } from './static-schemas.js'

const $schema = 'http://json-schema.org/draft-07/schema#'
const messages = { langgraph_type: 'messages' }

async function open(
  graph: unknown,
  types: StaticGraph | null = null,
): Promise<{ schemas: GraphSchemas; drawing: GraphDrawing }> {
  const registry = new GraphRegistry(
    graphSettings({ agent: '/project/g.ts:graph' }),
    new FakeImporter({ '/project/g.ts': () => ({ graph }) }),
    new GraphStore(),
  )
  await registry.load()
  const sources = { read: () => Promise.resolve(types) } as unknown as StaticSchemas
  return { schemas: new GraphSchemas(registry, sources), drawing: new GraphDrawing(registry) }
}

async function read(graph: unknown, config: Record<string, unknown> = {}) {
  return (await open(graph)).schemas.read({ graphId: 'agent', assistantId: 'a', config })
}

function compiled(state: object) {
  return new StateGraph(state as ConstructorParameters<typeof StateGraph>[0])
    .addNode('work', () => ({}))
    .addEdge(START, 'work')
    .compile()
}

describe('the schemas of a graph', () => {
  it('name the channels of an annotation, which has no types at run time, and mark its messages', async () => {
    const all = { messages: { type: 'array', items: {}, ...messages }, topic: {}, count: {} }
    expect(await read(graphs.annotated)).toEqual({
      state: { $schema, type: 'object', properties: all },
      input: { $schema, type: 'object', properties: { topic: {} } },
      output: { $schema, type: 'object', properties: all },
      config: null,
      context: null,
    })
    expect((await read(compiled(MessagesAnnotation))).input).toEqual({
      $schema,
      type: 'object',
      properties: { messages },
    })
  })

  it('take from the source what an annotation does not tell, and nothing that the graph tells itself', async () => {
    const told = { type: 'object', properties: { topic: { type: 'string' }, alien: {} }, required: ['topic', 'alien'] }
    const list = { messages: { type: 'array', items: { type: 'object' } }, topic: { type: 'string' } }
    const types = { state: { ...told, properties: list }, input: told, output: null, context: told }
    const ref = { graphId: 'agent', assistantId: 'a', config: {} }
    const known = await (await open(graphs.annotated, { '': types })).schemas.read(ref)
    const state = { messages: { type: 'array', items: {}, ...messages }, topic: { type: 'string' }, count: {} }
    expect(known).toMatchObject({
      state: { $schema, type: 'object', properties: state, required: ['topic'] },
      output: { properties: { topic: {} } },
      config: told,
      context: told,
    })
    expect(known.input).toEqual({
      $schema,
      type: 'object',
      properties: { topic: { type: 'string' } },
      required: ['topic'],
    })
    expect(await (await open(graphs.zod4, { '': types })).schemas.read(ref)).toEqual(await read(graphs.zod4))
    const untyped = await (await open(graphs.untyped, { '': types })).schemas.read(ref)
    expect(untyped).toEqual({ ...types, config: told })
    const below = await (
      await open(graphs.weighed, { gp_two: types })
    ).schemas.readSubgraphs(ref, {
      namespace: null,
      recurse: false,
    })
    expect(below.get('gp_two')?.input).toEqual(known.input)
  })

  it('are those of zod 4, with the extras of LangGraph, in draft-07', async () => {
    const { state, input, output, config, context } = await read(graphs.zod4)
    const pair = { type: 'array', items: [{ type: 'string' }, { type: 'number' }] }
    expect(state).toMatchObject({
      $schema,
      required: ['messages', 'topic', 'tags'],
      properties: {
        messages,
        topic: { type: 'string', description: 'What it is about' },
        tags: { type: 'array', items: { type: 'string' } },
        pair,
        since: {},
      },
    })
    expect(output).toEqual(state)
    expect(input).toMatchObject({
      $schema,
      properties: { messages, topic: { type: 'string' }, tags: { type: 'string' }, pair },
    })
    expect(input).not.toHaveProperty('required')
    expect(JSON.stringify([state, input])).not.toContain('lg:')
    expect(context).toMatchObject({ $schema, properties: { model: { enum: ['small', 'large'], default: 'small' } } })
    expect(context).not.toHaveProperty('required')
    expect(config).toEqual(context)
  })

  it('are those of zod 3', async () => {
    const { state, input } = await read(graphs.zod3)
    const properties = { topic: { type: 'string' }, count: { type: 'integer', default: 0 } }
    expect(state).toMatchObject({ $schema, properties, required: ['topic'] })
    expect(input).toMatchObject({ $schema, properties })
    expect(input).not.toHaveProperty('required')
  })

  it('are those of a StateSchema, also of fields that JSON Schema has no words for', async () => {
    const { state, input } = await read(graphs.fields)
    expect(state).toMatchObject({
      $schema,
      properties: { messages, topic: { type: 'string' }, since: {}, total: { type: 'number', default: 0 } },
      required: ['topic', 'since'],
    })
    expect(input).toMatchObject({ $schema, properties: { messages, total: { type: 'number', minimum: 1 } } })
    expect(input).not.toHaveProperty('required')
  })

  it('know the other fields of a StateSchema', async () => {
    const list = z.array(z.string()).default(() => [])
    const { state, input } = await read(
      compiled(
        new StateSchema({
          log: new DeltaValue(list, { inputSchema: z.string(), reducer: (log, lines: string[]) => [...log, ...lines] }),
          cache: new UntrackedValue(),
          token: new UntrackedValue(z.string()),
        }),
      ),
    )
    expect(state).toMatchObject({
      properties: { log: { type: 'array', items: { type: 'string' } }, cache: {}, token: { type: 'string' } },
      required: ['token'],
    })
    expect(input).toMatchObject({ properties: { log: { type: 'string' }, cache: {}, token: { type: 'string' } } })
  })

  it('keep a description of the user that begins like an extra', async () => {
    const { state } = await read(
      compiled(z.object({ a: z.string().describe('lg: {'), b: z.string().describe('lg:[]') })),
    )
    expect(state).toMatchObject({ properties: { a: { description: 'lg: {' }, b: { description: 'lg:[]' } } })
  })

  it('take the input or output of another kind than the state', async () => {
    const state = z.object({ a: z.string(), b: z.number() })
    const mixed = new StateGraph({
      state,
      input: Annotation.Root({ a: Annotation<string> }),
      output: z.object({ b: z.number() }),
    })
      .addNode('work', () => ({}))
      .addEdge(START, 'work')
      .compile()
    const { input, output } = await read(mixed)
    expect(input).toEqual({ $schema, type: 'object', properties: { a: {} } })
    expect(output).toMatchObject({ properties: { b: { type: 'number' } }, required: ['b'] })
  })

  it('fall back to the names when zod cannot write them', async () => {
    const broken = z.object({
      a: z.string(),
      b: z.string().default(() => {
        throw new Error('no default yet')
      }),
    })
    const graph = compiled(Annotation.Root({ a: Annotation<string>, b: Annotation<string> }))
    const { state } = await read(
      Object.assign(graph, { builder: Object.assign(graph.builder, { _schemaRuntimeDefinition: broken }) }),
    )
    expect(state).toEqual({ $schema, type: 'object', properties: { a: {}, b: {} } })
  })

  it('are null for a graph of the functional API', async () => {
    expect(await read(graphs.untyped)).toEqual({ state: null, input: null, output: null, config: null, context: null })
  })

  it('give a factory the assistant and its config', async () => {
    const seen: unknown[] = []
    const factory = (config: unknown) => {
      seen.push(config)
      return graphs.annotated
    }
    await read(factory, { tags: ['t'], configurable: { x: 1 } })
    expect(seen).toEqual([{ tags: ['t'], configurable: { x: 1, graph_id: 'agent', assistant_id: 'a' } }])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no model')
      },
      'no model',
    ],
    ['gives something else', () => ({ a: 1 }), 'The factory of graph "agent" gave a plain object instead of a graph'],
  ])('refuse a factory that %s', async (_what, factory, reason) => {
    await expect(read(factory)).rejects.toMatchObject({
      status: 422,
      message: `Graph "agent" could not be made: ${reason}`,
    })
  })
})

describe('the drawing of a graph', () => {
  const ref = { graphId: 'agent', assistantId: 'a', config: {} }

  it('is there for graphs of the functional API too', async () => {
    const { nodes } = await (await open(graphs.untyped)).drawing.draw(ref, true)
    expect(nodes).toHaveLength(3)
  })

  it('holds only what JSON can', async () => {
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('work', () => ({}), { metadata: { big: 10n, at: new Date(0), skip: undefined } })
      .addEdge(START, 'work')
      .compile()
    const { nodes } = await (await open(graph)).drawing.draw(ref, false)
    const work = (nodes as { id: string }[]).find(({ id }) => id === 'work')
    expect(work).toMatchObject({ metadata: { big: '10', at: '1970-01-01T00:00:00.000Z' } })
  })
})
