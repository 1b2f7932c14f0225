import 'reflect-metadata'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import vm from 'node:vm'
import { Annotation, START, StateGraph } from '@langchain/langgraph'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { execute, FakeImporter, graphSettings, serve } from './executor.spec.support.js'
import { GraphLoadFaults } from './graph-load-faults.js'
import { GraphRegistry } from './graph-registry.js'
import { GraphStore } from './graph-store.js'
import { TsxImporter } from './tsx-importer.js'

const State = Annotation.Root({ text: Annotation<string> })
const builder = () => new StateGraph(State).addNode('a', () => ({ text: 'A' })).addEdge(START, 'a')

function registryOf(exports: Record<string, unknown>, path = '/project/g.ts:graph') {
  return new GraphRegistry(
    graphSettings({ agent: path }),
    new FakeImporter({ '/project/g.ts': () => exports }),
    new GraphStore(),
  )
}

describe('what an export may be', () => {
  it.each([
    ['a compiled graph', () => builder().compile()],
    ['a builder', builder],
    ['a promise of a graph', () => Promise.resolve(builder().compile())],
    ['a promise of a builder', () => Promise.resolve(builder())],
    ['a factory of a graph', () => () => builder().compile()],
    ['an async factory of a builder', () => () => Promise.resolve(builder())],
  ])('%s', async (_name, make) => {
    const run = await execute((await serve(make())).executor, { input: { text: '' } })
    expect(run.outcome).toMatchObject({ status: 'success', lastValuesJson: '{"text":"A"}' })
  })

  it.each([
    ['default of a module', { default: builder() }, 'default'],
    ['a name of a CommonJS module', { default: { __esModule: true, graph: builder() } }, 'graph'],
    ['default of a CommonJS module', { default: { __esModule: true, default: builder() } }, 'default'],
    ['module.exports itself', { default: builder(), 'module.exports': {} }, 'default'],
  ])('%s', async (_name, exports, exportName) => {
    const registry = registryOf(exports, `/project/g.ts:${exportName}`)
    await registry.load()
    expect(await registry.get('agent', {})).toHaveProperty('lg_is_pregel', true)
  })

  it('a factory that gives no graph is found out when it is called', async () => {
    const registry = registryOf({ graph: () => 42 })
    await registry.load()
    await expect(registry.get('agent', {})).rejects.toMatchObject({
      code: 'graph_invalid',
      message: 'The factory of graph "agent" gave a number instead of a graph',
    })
  })
})

describe('the registry', () => {
  it('knows its graphs', async () => {
    const registry = registryOf({ graph: builder() })
    await registry.load()
    expect([registry.ids(), registry.has('agent'), registry.has('other')]).toEqual([['agent'], true, false])
    await expect(registry.get('other', {})).rejects.toMatchObject({
      code: 'graph_not_found',
      status: 404,
      message: 'Graph "other" not found',
    })
  })

  it('names every graph that fails, in one sentence each', async () => {
    const paths = { one: 'one', two: 'two', three: 'three', fine: 'fine', four: 'four' }
    const graphs = Object.fromEntries(Object.entries(paths).map(([id, name]) => [id, `/project/src/${name}.ts:graph`]))
    const importer = new FakeImporter({
      '/project/src/one.ts': () => ({ default: {}, app: builder() }),
      '/project/src/two.ts': () => {
        throw new SyntaxError('Unexpected token')
      },
      '/project/src/three.ts': () => ({ graph: Promise.resolve({ nodes: [] }) }),
      '/project/src/four.ts': () => ({}),
      '/project/src/fine.ts': () => ({ graph: builder() }),
    })
    const fault: unknown = await new GraphRegistry(graphSettings(graphs), importer, new GraphStore())
      .load()
      .catch((e: unknown) => e)
    expect(fault).toBeInstanceOf(GraphLoadFaults)
    expect((fault as GraphLoadFaults).faults).toEqual([
      'graph "one" (src/one.ts): has no export "graph", it exports app, default',
      'graph "two" (src/two.ts): could not be loaded: SyntaxError: Unexpected token',
      'graph "three" (src/three.ts): the export "graph" is a plain object, not a graph',
      'graph "four" (src/four.ts): has no export "graph", it exports nothing',
    ])
  })

  describe('environment', () => {
    afterEach(() => {
      delete process.env['GRAPHS_SPEC_REAL']
      delete process.env['GRAPHS_SPEC_FILE']
    })

    it('is there while graphs load, under the real variables', async () => {
      process.env['GRAPHS_SPEC_REAL'] = 'real'
      const environment = { GRAPHS_SPEC_REAL: 'file', GRAPHS_SPEC_FILE: 'file' }
      let seen: unknown[] = []
      const load = () => {
        seen = [process.env['GRAPHS_SPEC_REAL'], process.env['GRAPHS_SPEC_FILE']]
        return { graph: builder() }
      }
      const settings = graphSettings({ agent: '/project/g.ts:graph' }, { environment })
      await new GraphRegistry(settings, new FakeImporter({ '/project/g.ts': load }), new GraphStore()).load()
      expect(seen).toEqual(['real', 'file'])
    })
  })
})

describe('projects on disk, through tsx', () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-graphs-')))
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(root, 'node_modules'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  const nativeImport = new vm.Script('(url) => import(url)', {
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }).runInThisContext() as (url: string) => Promise<Record<string, unknown>>

  /** The real importer; only the call that Vitest would rewrite is Node's own. */
  class NodeImporter extends TsxImporter {
    protected override importUrl(url: string): Promise<Record<string, unknown>> {
      return nativeImport(url)
    }
  }

  function project(name: string, files: Record<string, string>, graph: string) {
    const projectDir = join(root, name)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(projectDir, path)), { recursive: true })
      writeFileSync(join(projectDir, path), text)
    }
    const settings = graphSettings({ agent: join(projectDir, graph) }, { projectDir })
    return new GraphRegistry(settings, new NodeImporter(settings), new GraphStore())
  }

  const source = `
    import { Annotation, interrupt, START, StateGraph } from '@langchain/langgraph'
    import { word } from './word'
    enum Mark { Bang = '!' }
    const State = Annotation.Root({ text: Annotation<string> })
    export const graph = new StateGraph(State)
      .addNode('a', () => ({ text: word + interrupt('who?') + Mark.Bang }))
      .addEdge(START, 'a')
      .compile()
  `
  const word = `export const word: string = 'hi '`

  it.each([
    ['ESM', 'esm', '{ "type": "module" }'],
    ['without "type"', 'plain', '{}'],
    ['CommonJS', 'cjs', '{ "type": "commonjs" }'],
  ])('TypeScript, %s', async (_name, folder, manifest) => {
    const files = { 'package.json': manifest, 'src/graph.ts': source, 'src/word.ts': word }
    const registry = project(folder, files, 'src/graph.ts:graph')
    await registry.load()
    const { executor } = await serve(await registry.get('agent', {}))
    const asked = await execute(executor, { input: { text: '' } })
    expect(asked.outcome).toMatchObject({ status: 'success', error: null, state: { next: ['a'] } })
    expect(asked.outcome.interruptsJson).toContain('"who?"')
    const answered = await execute(executor, { command: { resume: 'Ada' } })
    expect(answered.outcome.lastValuesJson).toBe('{"text":"hi Ada!"}')
  })

  it('JavaScript with module.exports', async () => {
    const graph = `const { StateGraph, Annotation } = require('@langchain/langgraph')
      const State = Annotation.Root({ text: Annotation() })
      module.exports = { graph: new StateGraph(State).addNode('a', () => ({ text: 'js' })).addEdge('__start__', 'a') }`
    const registry = project('js', { 'graph.cjs': graph }, 'graph.cjs:graph')
    await registry.load()
    expect(registry.has('agent')).toBe(true)
  })

  it('a syntax error and a missing import are told by name', async () => {
    const broken = project('broken', { 'graph.ts': 'export const graph = {{' }, 'graph.ts:graph')
    await expect(broken.load()).rejects.toThrow(/^graph "agent" \(graph\.ts\): could not be loaded: .*graph\.ts/s)
    const missing = project('missing', { 'graph.ts': `import './nowhere'; export const graph = 1` }, 'graph.ts:graph')
    await expect(missing.load()).rejects.toThrow(/nowhere/)
  })
})

describe('the example project', () => {
  it('is a chat graph of two nodes that streams tokens with the user’s words', async () => {
    const { graph } = await import('../../examples/chat/graph.js')
    const input = { messages: [{ role: 'user', content: 'I like trains.' }] }
    const run = await execute((await serve(graph)).executor, { input, streamModes: ['messages-tuple', 'updates'] })
    expect(run.events.filter((event) => event === 'messages').length).toBeGreaterThan(3)
    const updates = run.parts
      .filter(({ event }) => event === 'updates')
      .flatMap(({ data }) => Object.keys(data as object))
    expect(updates).toEqual(['listen', 'answer'])
    expect(run.outcome.lastValuesJson).toContain('You said: I like trains. Tell me more!')
  })
})
