import 'reflect-metadata'
import {
  Annotation,
  END,
  getStore,
  interrupt,
  type LangGraphRunnableConfig,
  MemorySaver,
  START,
  StateGraph,
} from '@langchain/langgraph'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TEST_DATABASE } from '#testing'
import { RUN_ID } from './executor.spec.support.js'
import { GraphStore } from './graph-store.js'
import { as, openGround, type UpdatesGround } from './thread-updates.spec.support.js'

const OTHER_RUN_ID = RUN_ID.replace(/1$/, '2')
const THIRD_RUN_ID = RUN_ID.replace(/1$/, '3')
const Log = Annotation.Root({ log: Annotation<string[]>({ reducer: (a, b) => a.concat(b), default: () => [] }) })
const note = (word: string) => () => ({ log: [word] })

/** in ─► one ─► two */
const two = () =>
  new StateGraph(Log)
    .addNode('one', note('one'))
    .addNode('two', note('two'))
    .addEdge(START, 'one')
    .addEdge('one', 'two')
    .compile()

/** A subgraph that asks. */
const nested = () =>
  new StateGraph(Log)
    .addNode(
      'branch',
      new StateGraph(Log)
        .addNode('ask', () => ({ log: [interrupt<string, string>('why?')] }))
        .addEdge(START, 'ask')
        .compile(),
    )
    .addEdge(START, 'branch')
    .compile()

describe(`state updates on ${TEST_DATABASE}`, () => {
  let ground: UpdatesGround

  beforeAll(async () => {
    ground = await openGround()
  })
  afterAll(() => ground.db.close())

  it('shows branches the store, by their config and by getStore', async () => {
    const item = { namespace: ['a'], key: 'k', value: { goto: 'two' }, createdAt: new Date(0), updatedAt: new Date(0) }
    const graphStore = new GraphStore()
    graphStore.bind({
      get: (refs) => Promise.resolve(refs.map(() => item)),
      search: () => Promise.resolve([]),
      put: () => Promise.resolve(),
      listNamespaces: () => Promise.resolve([]),
    })
    const seen: unknown[] = []
    const branching = new StateGraph(Log)
      .addNode('one', note('one'))
      .addNode('two', note('two'))
      .addEdge(START, 'one')
      .addConditionalEdges(
        'one',
        async (_, config) => {
          for (const store of [(config as LangGraphRunnableConfig).store, getStore()]) {
            seen.push((await store?.get(['a'], 'k'))?.value)
          }
          return 'two'
        },
        ['two', END],
      )
      .compile()
    const served = await ground.serve(branching, graphStore)
    await served.update('store', [[as('one', { log: ['given'] })]])
    expect(seen).toEqual([{ goto: 'two' }, { goto: 'two' }])
    expect((await served.state('store')).next).toEqual(['two'])
  })

  it('reads what looks like a serialised object as what it is, now and from the database', async () => {
    const record = { lc: 1, type: 'constructor', id: ['langchain', 'no_such', 'Thing'], kwargs: {} }
    const State = Annotation.Root({ value: Annotation<unknown> })
    const keeping = new StateGraph(State)
      .addNode('keep', () => ({}))
      .addEdge(START, 'keep')
      .compile()
    const served = await ground.serve(keeping)
    const { outcome } = await served.run('lookalike', { input: { value: record } })
    expect(outcome.status).toBe('success')
    expect((await served.state('lookalike')).values).toEqual({ value: record })
    await served.update('lookalike', [[as('keep', { value: [record] })]])
    expect((await served.state('lookalike')).values).toEqual({ value: [record] })
    expect((await served.history('lookalike')).length).toBeGreaterThan(2)
  })

  it('changes nothing until it is stored', async () => {
    const served = await ground.serve(two())
    await served.run('staged', { input: { log: ['in'] } })
    const before = await ground.count('staged')
    const ref = { threadId: 'staged', graphId: 'agent', assistantId: null, config: {} }
    const prepared = await served.updates.prepare(ref, [[as('one', { log: ['new'] })]])
    expect(await ground.count('staged')).toEqual(before)
    expect(prepared.state).toMatchObject({ next: ['two'], interruptsJson: '{}' })
    expect(JSON.parse(prepared.state.valuesJson)).toEqual({ log: ['in', 'one', 'two', 'new'] })
    await ground.db.unitOfWork.run((tx) => ground.checkpoints.store(tx, 'staged', prepared.staged))
    const state = await served.state('staged')
    expect(state).toMatchObject({ values: { log: ['in', 'one', 'two', 'new'] }, next: ['two'] })
    expect(state.checkpoint).toEqual(prepared.checkpoint)
    expect(state.metadata).toMatchObject({ source: 'update', graph_id: 'agent', thread_id: 'staged' })
    expect(state.metadata).not.toHaveProperty('run_id')
  })

  it('a fork keeps its own values, and so does the branch that it left', async () => {
    const served = await ground.serve(two())
    await served.run('fork', { input: { log: ['in'] } })
    const [latest, , oldest] = await served.history('fork')
    const id = await served.update('fork', [[as('one', { log: ['forked'] })]], {
      checkpointId: oldest?.checkpoint?.checkpoint_id,
    })
    expect(await served.state('fork')).toMatchObject({
      values: { log: ['in', 'forked'] },
      next: ['two'],
      checkpoint: { checkpoint_id: id },
      parent_checkpoint: { checkpoint_id: oldest?.checkpoint?.checkpoint_id },
    })
    const left = await served.state('fork', { checkpointId: latest?.checkpoint?.checkpoint_id })
    expect(left.values).toEqual({ log: ['in', 'one', 'two'] })
  })

  it('a run after one that was rolled back keeps its own values', async () => {
    const served = await ground.serve(two())
    await served.run('rolled', { input: { log: ['a'] } })
    await served.run('rolled', { runId: OTHER_RUN_ID, input: { log: ['b'] } })
    await ground.db.unitOfWork.run((tx) => ground.checkpoints.deleteRun(tx, 'rolled', OTHER_RUN_ID))
    await served.run('rolled', { runId: THIRD_RUN_ID, input: { log: ['c'] } })
    expect((await served.state('rolled')).values).toEqual({ log: ['a', 'one', 'two', 'c', 'one', 'two'] })
  })

  it('replays a thread: the history of the copy is the original’s', async () => {
    const served = await ground.serve(two())
    await served.run('original', { input: { log: ['in'] } })
    const original = (await served.history('original')).toReversed()
    const [first, ...rest] = original.map(({ tasks }) => tasks.map(({ name, result }) => as(name, result)))
    const input = first?.[0]?.values
    const supersteps = [[as('__input__', input)], first ?? [], ...rest.filter((updates) => updates.length > 0)]
    await served.update('replayed', supersteps)
    const shape = (history: typeof original) => history.map(({ next, values }) => ({ next, values }))
    expect(shape(await served.history('replayed'))).toEqual(shape(original.toReversed()))
    expect(original[0]?.next).toEqual(['__start__'])
  })

  it('makes the same checkpoints as LangGraph’s own saver', async () => {
    const supersteps = [
      [as('__input__', { log: ['in'] })],
      [as('__start__', { log: ['in'] })],
      [as('one', { log: ['x'] }), as('two', { log: ['y'] })],
      [as('one', null)],
    ]
    const served = await ground.serve(two())
    await served.update('same', supersteps)
    const graph = two()
    graph.checkpointer = new MemorySaver()
    const config = { configurable: { thread_id: 'same' } }
    await graph.bulkUpdateState(
      config,
      supersteps.map((updates) => ({
        updates: updates.map(({ values, asNode }) => ({ values, asNode: asNode ?? '' })),
      })),
    )
    const theirs: unknown[] = []
    for await (const { values, next, metadata } of graph.getStateHistory(config)) {
      theirs.push({ values: values as unknown, next, step: metadata?.step, source: metadata?.source })
    }
    const ours = (await served.history('same')).map(({ values, next, metadata }) => {
      return { values, next, step: metadata?.['step'], source: metadata?.['source'] }
    })
    expect(ours).toEqual(theirs)
    expect(ours).toHaveLength(4)
  })

  it('clears what is next, copies a checkpoint, and goes where a command says', async () => {
    const served = await ground.serve(two())
    await served.update('moves', [[as('one', { log: ['a'] })]])
    expect((await served.state('moves')).next).toEqual(['two'])
    await served.update('moves', [[as('__end__', null)]])
    expect(await served.state('moves')).toMatchObject({ next: [], values: { log: ['a'] } })
    const [, earlier] = await served.history('moves')
    await served.update('moves', [[as('__copy__', null)]], { checkpointId: earlier?.checkpoint?.checkpoint_id })
    expect(await served.state('moves')).toMatchObject({ next: ['two'], metadata: { source: 'fork' } })
    await served.update('moves', [[{ values: null, command: { goto: 'one', update: { log: ['b'] } }, asNode: 'two' }]])
    expect(await served.state('moves')).toMatchObject({ next: ['one'], values: { log: ['a', 'b'] } })
  })

  it('updates a subgraph by its namespace; the root still waits', async () => {
    const served = await ground.serve(nested())
    await served.run('inner', { input: { log: ['in'] } })
    const checkpointNs = (await served.state('inner')).tasks[0]?.checkpoint?.['checkpoint_ns'] as string
    const ref = { threadId: 'inner', graphId: 'agent', assistantId: null, config: {} }
    const prepared = await served.updates.prepare(ref, [[as('ask', { log: ['answered'] })]], { checkpointNs })
    expect(prepared.state).toMatchObject({ next: ['branch'] })
    await ground.db.unitOfWork.run((tx) => ground.checkpoints.store(tx, 'inner', prepared.staged))
    const inner = await served.state('inner', { checkpointNs })
    expect(inner).toMatchObject({ values: { log: ['in', 'answered'] }, next: [] })
    expect(inner.checkpoint).toEqual(prepared.checkpoint)
    expect(prepared.checkpoint.checkpoint_map).toHaveProperty([checkpointNs], prepared.checkpoint.checkpoint_id)
    const history = await served.history('inner', { checkpointNs, limit: 1 })
    expect(history).toEqual([inner])
  })

  it.each([
    ['an unknown node', [[as('nobody', {})]], {}, 'Node "nobody" does not exist'],
    ['an unknown channel of a wrong type', [[as('one', [{ log: ['a'] }])]], {}, 'The state cannot be updated: '],
    ['an unknown subgraph', [[as('one', {})]], { checkpointNs: 'nope:1' }, 'Subgraph "nope" not found'],
    ['several writes of which one has no node', [[as(null, {}), as('one', {})]], {}, '"asNode" is required'],
    ['a copy of nothing', [[as('__copy__', null)]], {}, 'Cannot copy a non-existent checkpoint'],
    ['a second superstep that fails', [[as('one', {})], [as('nobody', {})]], {}, 'Node "nobody" does not exist'],
  ])('refuses %s', async (_what, supersteps, at, reason) => {
    const served = await ground.serve(two())
    await expect(served.update('refused', supersteps, at)).rejects.toMatchObject({
      code: 'update_refused',
      status: 422,
      message: expect.stringContaining(reason) as string,
    })
    expect(await ground.count('refused')).toEqual([0, 0, 0])
  })

  it('does not blame the update for a database that fails', async () => {
    const served = await ground.serve(two())
    const ref = { threadId: 'bad\u0000id', graphId: 'agent', assistantId: null, config: {} }
    await expect(served.updates.prepare(ref, [[as('one', {})]])).rejects.toThrow('invalid byte sequence')
  })

  it('stores what PostgreSQL could not hold', async () => {
    const served = await ground.serve(two())
    await served.update('dirty', [[as('one', { log: ['a\u0000b\ud800'] })]])
    expect((await served.state('dirty')).values).toEqual({ log: ['a\u0000b\ud800'] })
  })
})
