import 'reflect-metadata'
import { expect, it } from 'vitest'
import { faultsOf, load } from './project.spec.support.js'

it('takes the long form and other exports', () => {
  const { graphs } = load({
    graphs: { a: { path: './agent.ts:default', description: 'x' }, __proto: 'agent.ts:$g' },
  })
  expect(graphs).toMatchObject([
    { graphId: 'a', exportName: 'default', description: 'x' },
    { graphId: '__proto', exportName: '$g', description: null },
  ])
})

it('names the file that does not exist', () => {
  const { message } = faultsOf(() => load({ graphs: { a: './none.ts:graph' } }))
  expect(message).toContain('./none.ts is looked for from the folder of the configuration file')
})

it.each([
  [{}, 'graphs must be an object with at least one graph'],
  [[], 'graphs must be an object with at least one graph'],
  [undefined, 'graphs must be an object with at least one graph'],
  [{ a: './agent.ts' }, 'graphs.a must name a file and an export of it'],
  [{ a: './agent.ts:' }, 'graphs.a must name a file and an export of it'],
  [{ a: ':graph' }, 'graphs.a must name a file and an export of it'],
  [{ a: './agent.ts:a b' }, 'graphs.a must name a file and an export of it'],
  [{ a: './none.ts:graph' }, 'graphs.a names a file that does not exist'],
  [{ a: './agent.py:graph' }, /^graphs\.a names a Python file/],
  [{ a: './langgraph.json:graph' }, 'graphs.a names a file that is neither TypeScript nor JavaScript'],
  [{ a: 5 }, 'graphs.a must be a string or an object with "path"'],
  [{ a: {} }, 'graphs.a.path is missing'],
  [{ a: { path: 5 } }, 'graphs.a.path must be a string'],
  [{ a: { path: './agent.ts:g', descripton: '' } }, 'graphs.a.descripton is not a known key'],
  [{ 'a/b': './agent.ts:graph' }, 'graphs["a/b"] is not a graph id'],
  [{ '': './agent.ts:graph' }, 'graphs[""] is not a graph id'],
])('refuses %j', (graphs, expected) => {
  expect(faultsOf(() => load({ graphs })).lines).toEqual([
    typeof expected === 'string' ? expected : expect.stringMatching(expected),
  ])
})
