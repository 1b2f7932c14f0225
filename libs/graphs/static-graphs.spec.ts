import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { StaticGraph } from './static-graph.js'
import { readStaticGraphs } from './static-project.js'

const PROJECT = resolve(import.meta.dirname, '../../test/fixtures/types')
const $schema = 'http://json-schema.org/draft-07/schema#'

let graphs: Map<string, StaticGraph | null>
beforeAll(() => {
  const names = ['typed', 'made', 'outer', 'task', 'noGraph', 'missing', 'default']
  const sources = names.map((name) => ({ graphId: name, file: join(PROJECT, 'graphs.ts'), exportName: name }))
  const answers = [...readStaticGraphs({ projectDir: PROJECT, graphs: sources })]
  graphs = new Map(answers.map(({ graphId, graph }) => [graphId, graph]))
})

describe('the types of an annotated graph, from its source', () => {
  it.each<[string, object]>([
    ['topic', { type: 'string', description: 'What it is about.' }],
    ['count', { type: 'number' }],
    ['tags', { type: 'array', items: { type: 'string' } }],
    ['level', { type: 'number', enum: [1, 2] }],
    ['mood', { anyOf: [{ type: 'string', enum: ['calm', 'wild'] }, { type: 'null' }] }],
    ['tree', { $ref: '#/definitions/Tree' }],
    ['pair', { type: 'array', items: [{ type: 'string' }, { type: 'number' }], minItems: 1, maxItems: 2 }],
    ['scores', { type: 'object', properties: {}, additionalProperties: { type: 'number' } }],
    ['since', { type: 'string', format: 'date-time' }],
    ['big', { type: 'string' }],
    ['session', { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }],
    ['history', { type: 'array', items: { type: 'object' }, langgraph_type: 'messages' }],
    ['messages', { type: 'array', items: { type: 'object' }, langgraph_type: 'messages' }],
    ['seen', {}],
    ['maybe', { type: 'boolean' }],
    ['free', {}],
  ])('describe %s', (name, expected) => {
    const state = graphs.get('typed')?.['']?.state as { properties: Record<string, unknown> }
    expect(state.properties[name]).toEqual(expected)
  })

  it('tell what a union consists of, what a tree contains, and what must be there', () => {
    const state = graphs.get('typed')?.['']?.state
    const circle = { kind: { type: 'string', const: 'circle' }, radius: { type: 'number' } }
    const square = { kind: { type: 'string', const: 'square' }, side: { type: 'number' } }
    expect(state).toMatchObject({
      $schema,
      type: 'object',
      properties: {
        shape: {
          anyOf: [
            { type: 'object', properties: circle, required: ['kind', 'radius'] },
            { type: 'object', properties: square, required: ['kind'] },
          ],
        },
      },
      definitions: {
        Tree: {
          properties: { label: { type: 'string' }, children: { type: 'array', items: { $ref: '#/definitions/Tree' } } },
        },
      },
    })
    expect(state?.['required']).toEqual(expect.arrayContaining(['topic', 'shape', 'messages']))
    expect(state?.['required']).not.toEqual(expect.arrayContaining(['maybe']))
    expect(state?.['required']).not.toEqual(expect.arrayContaining(['free']))
  })

  it('tell input, output and context apart', () => {
    const { input, output, context } = graphs.get('typed')![''] ?? {}
    const topic = { topic: { type: 'string', description: 'What it is about.' } }
    expect(input).toMatchObject({ $schema, type: 'object', properties: { topic: { type: 'string' } } })
    expect(input).not.toHaveProperty('required')
    expect(Object.keys(input?.['properties'] as object)).toEqual(Object.keys(topic))
    expect(output).toEqual({ $schema, type: 'object', properties: { count: { type: 'number' } }, required: ['count'] })
    expect(context).toEqual({
      $schema,
      type: 'object',
      properties: { model: { type: 'string', enum: ['small', 'large'] }, limit: { type: 'number' } },
      required: ['model'],
    })
  })

  it('follow factories, builders, imports and casts to the subgraphs', () => {
    expect(Object.keys(graphs.get('outer')!).toSorted()).toEqual(['', 'first', 'first|below', 'second'])
    expect(Object.keys(graphs.get('made')!)).toEqual(['', 'nested'])
    const depth = { type: 'object', properties: { depth: { type: 'number' } }, required: ['depth'] }
    expect(graphs.get('outer')?.['first|below']?.state).toEqual({ $schema, ...depth })
    expect(graphs.get('outer')?.['']?.context).toBeNull()
  })

  it('tell of a graph of the functional API what it takes, and of what is no graph nothing', () => {
    expect(graphs.get('task')?.['']?.input).toMatchObject({ properties: { topic: { type: 'string' } } })
    expect(graphs.get('task')?.['']?.state).toBeNull()
    expect(['noGraph', 'missing', 'default'].map((name) => graphs.get(name))).toEqual([null, null, null])
  })
})

it('a source that is full of faults ends as nothing known', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-types-'))
  writeFileSync(join(folder, 'tsconfig.json'), '{ not json')
  writeFileSync(join(folder, 'bad.ts'), `import { gone } from 'no-such-package'\nexport const graph = gone(1 +`)
  const file = join(folder, 'bad.ts')
  const graphsOf = { projectDir: folder, graphs: [{ graphId: 'bad', file, exportName: 'graph' }] }
  expect([...readStaticGraphs(graphsOf)]).toEqual([{ graphId: 'bad', graph: null }])
  rmSync(folder, { recursive: true })
})
