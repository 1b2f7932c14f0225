import 'reflect-metadata'
import { InMemoryStore, type LangGraphRunnableConfig } from '@langchain/langgraph'
import { expect, it } from 'vitest'
import { BackendStore } from './backend-store.js'
import { execute, parse, row, serve } from './executor.spec.support.js'
import { GraphStore } from './graph-store.js'
import type { FoundItem, StoreBackend, StoreItem } from './store-backend.js'

const at = { createdAt: new Date(0), updatedAt: new Date(1) }
const item: StoreItem = { namespace: ['a'], key: 'k', value: { n: 1 }, ...at }

/** Remembers what it is asked for; finds one item, the second with a score. */
class ListedBackend implements StoreBackend {
  readonly calls: unknown[][] = []

  get(...args: Parameters<StoreBackend['get']>): Promise<(StoreItem | null)[]> {
    this.calls.push(['get', ...args])
    return Promise.resolve(args[0].map(({ key }) => (key === 'k' ? item : null)))
  }

  search(...args: Parameters<StoreBackend['search']>): Promise<FoundItem[]> {
    this.calls.push(['search', ...args])
    return Promise.resolve([
      { ...item, score: null },
      { ...item, score: 0.5 },
    ])
  }

  put(...args: Parameters<StoreBackend['put']>): Promise<void> {
    this.calls.push(['put', ...args])
    return Promise.resolve()
  }

  listNamespaces(...args: Parameters<StoreBackend['listNamespaces']>): Promise<string[][]> {
    this.calls.push(['listNamespaces', ...args])
    return Promise.resolve([['a']])
  }
}

it('turns a batch into one call per kind, reads first, and puts the answers where their questions stood', async () => {
  const backend = new ListedBackend()
  const put = { namespace: ['a'], key: 'p', value: { n: 2 }, index: ['n'] }
  const gone = { namespace: ['a'], key: 'g', value: null }
  const results = await new BackendStore(backend).batch([
    put,
    { namespace: ['a'], key: 'missing' },
    { namespacePrefix: ['a'], filter: { n: 1 }, query: 'q' },
    gone,
    { namespace: ['a'], key: 'k' },
    { matchConditions: [{ matchType: 'suffix', path: ['*'] }], maxDepth: 2, limit: 3, offset: 4 },
  ])
  expect(results).toEqual([undefined, null, [item, { ...item, score: 0.5 }], undefined, item, [['a']]])
  expect(results[2]?.[0]).not.toHaveProperty('score')
  const search = { namespacePrefix: ['a'], filter: { n: 1 }, query: 'q', limit: 10, offset: 0 }
  expect(backend.calls).toEqual([
    [
      'get',
      [
        { namespace: ['a'], key: 'missing' },
        { namespace: ['a'], key: 'k' },
      ],
    ],
    ['search', search],
    ['listNamespaces', { prefix: [], suffix: ['*'], maxDepth: 2, limit: 3, offset: 4 }],
    ['put', [put, { ...gone, index: undefined }]],
  ])
})

it('serves the methods of every LangGraph store', async () => {
  const backend = new ListedBackend()
  const store = new BackendStore(backend)
  expect(await store.get(['a'], 'k')).toEqual(item)
  expect(await store.search([], { limit: 1 })).toHaveLength(2)
  await store.put(['a'], 'k', {}, false)
  await store.delete(['a'], 'k')
  expect(await store.listNamespaces({ prefix: ['a'] })).toEqual([['a']])
  expect(backend.calls.map(([name]) => name)).toEqual(['get', 'search', 'put', 'put', 'listNamespaces'])
  await expect(store.put([], 'k', {})).rejects.toThrow('Namespace cannot be empty')
})

it('is bound once', () => {
  const graphStore = new GraphStore()
  expect(graphStore.store).toBeNull()
  graphStore.bind(new ListedBackend())
  expect(graphStore.store).toBeInstanceOf(BackendStore)
  expect(() => graphStore.bind(new ListedBackend())).toThrow('bound twice')
})

async function ask(_: unknown, { store }: LangGraphRunnableConfig) {
  return { text: String((await store?.get(['a'], 'k'))?.value['n'] ?? 'nothing') }
}

it('is what nodes see, in subgraphs too, in the place of one that the graph was compiled with', async () => {
  const own = new InMemoryStore()
  const graph = row({ outer: ask, inner: row({ ask }) as never }, { store: own })
  const { executor, graphStore } = await serve(graph)
  graphStore.bind(new ListedBackend())
  const executed = await execute(executor, {})
  expect(parse(executed.outcome.lastValuesJson)).toMatchObject({ text: '111' })
  expect(graph.store).toBe(own)
})

it('is what a factory sees in its config', async () => {
  const { executor, graphStore } = await serve(async (config: LangGraphRunnableConfig) => {
    const found = await config.store?.get(['a'], 'k')
    return row({ told: () => ({ text: String(found?.value['n']) }) })
  })
  graphStore.bind(new ListedBackend())
  const executed = await execute(executor, {})
  expect(parse(executed.outcome.lastValuesJson)).toMatchObject({ text: '1' })
})

it('leaves a graph its own store where no room keeps items', async () => {
  const own = new InMemoryStore()
  await own.put(['a'], 'k', { n: 5 })
  const { executor } = await serve(row({ ask }, { store: own }))
  const executed = await execute(executor, {})
  expect(parse(executed.outcome.lastValuesJson)).toMatchObject({ text: '5' })
})
