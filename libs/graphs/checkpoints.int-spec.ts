import 'reflect-metadata'
import { Annotation, interrupt, START, StateGraph } from '@langchain/langgraph'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestDatabase, TEST_DATABASE, type TestDatabase } from '#testing'
import { Checkpoints } from './checkpoints.js'
import { execute, RUN_ID, serve } from './executor.spec.support.js'

const OTHER_RUN_ID = RUN_ID.replace('1', '2')
const State = Annotation.Root({
  text: Annotation<string>({ reducer: (a, b) => a + b, default: () => '' }),
  big: Annotation<unknown>,
})

/** A root with a subgraph that asks, so that checkpoints of two namespaces exist. */
function nestedGraph() {
  const inner = new StateGraph(State)
    .addNode('ask', () => ({ text: interrupt<string, string>('why?') }))
    .addEdge(START, 'ask')
    .compile()
  return new StateGraph(State)
    .addNode('first', () => ({ text: 'A' }))
    .addNode('branch', inner)
    .addEdge(START, 'first')
    .addEdge('first', 'branch')
    .compile()
}

describe(`checkpoints on ${TEST_DATABASE}`, () => {
  let db: TestDatabase
  let checkpoints: Checkpoints

  beforeAll(async () => {
    db = await openTestDatabase()
    checkpoints = new Checkpoints({ pool: db.pool })
    await checkpoints.setup()
  })
  afterAll(() => db.close())

  const stateOf = async (graph: unknown, threadId: string, subgraphs = false) =>
    (await serve(graph, checkpoints.saver)).states.read({ threadId, graphId: 'agent', config: {} }, { subgraphs })

  async function countRows(threadId: string): Promise<number[]> {
    const tables = ['checkpoints', 'checkpoint_writes', 'checkpoint_blobs']
    const counts = tables.map((table) =>
      db.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM langgraph.${table} WHERE thread_id = $1`, [
        threadId,
      ]),
    )
    return (await Promise.all(counts)).map(({ rows }) => rows[0]?.n ?? -1)
  }

  it('can be set up twice', async () => {
    await checkpoints.setup()
  })

  it('a graph whose values, interrupts, metadata and errors hold what PostgreSQL refuses still ends', async () => {
    const bad = 'a\u0000b\ud800c'
    const graph = new StateGraph(State)
      .addNode('first', () => ({ text: bad, big: { n: 7n, [bad]: bad } }))
      .addNode('ask', () => ({ text: interrupt<object, string>({ bad }) }))
      .addNode('boom', () => {
        throw new Error(bad)
      })
      .addEdge(START, 'first')
      .addEdge('first', 'ask')
      .addEdge('ask', 'boom')
      .compile()
    const { executor } = await serve(graph, checkpoints.saver)
    const config = { metadata: { note: bad }, configurable: { tenant: bad } }
    const asked = await execute(executor, { threadId: 'bad', input: { text: bad }, config })
    expect(asked.outcome).toMatchObject({ status: 'success', error: null, state: { next: ['ask'] } })
    const stored = [asked.outcome.state?.valuesJson, asked.outcome.interruptsJson, asked.outcome.state?.interruptsJson]
    const { rows } = await db.database.query<{ value: string }>(
      `SELECT v::jsonb::text AS value FROM unnest($1::text[]) v`,
      [stored],
    )
    expect(rows.every(({ value }) => value.includes('a\uFFFDb\uFFFDc'))).toBe(true)
    expect(rows[0]?.value).toContain('"n": "7"')
    const failed = await execute(executor, { threadId: 'bad', command: { resume: bad }, config })
    expect(failed.outcome.error).toEqual({ error: 'Error', message: 'a\uFFFDb\uFFFDc' })
    const state = await stateOf(graph, 'bad')
    expect(state.metadata).toMatchObject({ note: 'a\uFFFDb\uFFFDc', tenant: 'a\uFFFDb\uFFFDc', run_id: RUN_ID })
    expect(state.tasks[0]).toMatchObject({ name: 'boom', error: expect.stringMatching(/^Error: a/) as string })
  })

  it('reads a subgraph’s state by address, by namespace and expanded', async () => {
    const graph = nestedGraph()
    const { executor, states } = await serve(graph, checkpoints.saver)
    await execute(executor, { threadId: 'nested', input: { text: '' } })
    const state = await stateOf(graph, 'nested')
    const namespace = expect.stringMatching(/^branch:/) as string
    expect(state).toMatchObject({ next: ['branch'], interrupts: [{ value: 'why?' }] })
    expect(state.tasks[0]).toMatchObject({
      checkpoint: { thread_id: 'nested', checkpoint_ns: namespace },
      state: null,
      result: null,
      error: null,
    })
    expect(state.metadata).not.toHaveProperty('checkpoint_ns')
    expect(state.created_at).toMatch(/^\d{4}-.*Z$/)
    const expanded = (await stateOf(graph, 'nested', true)).tasks[0]
    expect(expanded?.checkpoint).toBeNull()
    expect(expanded?.state).toMatchObject({
      next: ['ask'],
      values: { text: 'A' },
      checkpoint: { checkpoint_ns: namespace },
    })
    const checkpointNs = state.tasks[0]?.checkpoint?.['checkpoint_ns'] as string
    const inner = await states.read({ threadId: 'nested', graphId: 'agent', config: {} }, { checkpointNs })
    expect(inner).toEqual(expanded?.state)
    expect(inner.checkpoint?.checkpoint_map).toHaveProperty([checkpointNs])
  })

  it('reads an older state by id, and the empty one when there is none', async () => {
    const graph = nestedGraph()
    const { states } = await serve(graph, checkpoints.saver)
    const ref = { threadId: 'nested', graphId: 'agent', config: {} }
    const latest = await states.read(ref)
    const checkpointId = latest.parent_checkpoint?.checkpoint_id
    const parent = await states.read(ref, { checkpointId })
    expect(parent).toMatchObject({ next: ['first'], checkpoint: latest.parent_checkpoint })
    const empty = { values: {}, next: [], tasks: [], interrupts: [] }
    const nothing = { ...empty, metadata: null, created_at: null, checkpoint: null, parent_checkpoint: null }
    expect(await states.read({ ...ref, threadId: 'nobody' })).toEqual(nothing)
    expect(await states.read({ ...ref, graphId: null })).toEqual(nothing)
  })

  it('deletes what one run wrote, subgraphs too: the state is what it was before', async () => {
    const graph = nestedGraph()
    const { executor } = await serve(graph, checkpoints.saver)
    const plain = new StateGraph(State)
      .addNode('one', () => ({ text: 'first' }))
      .addEdge(START, 'one')
      .compile()
    await execute((await serve(plain, checkpoints.saver)).executor, { threadId: 'roll', input: { text: '' } })
    const before = await stateOf(plain, 'roll')
    const rows = await countRows('roll')
    await execute(executor, { threadId: 'roll', runId: OTHER_RUN_ID, input: { text: 'x' } })
    expect((await stateOf(graph, 'roll')).next).toEqual(['branch'])
    await db.unitOfWork.run((tx) => checkpoints.deleteRun(tx, 'roll', OTHER_RUN_ID))
    expect(await stateOf(plain, 'roll')).toEqual(before)
    expect((await countRows('roll')).slice(0, 2)).toEqual(rows.slice(0, 2))
  })

  it('deletes a thread with all that belongs to it, in the caller’s transaction', async () => {
    const before = await countRows('nested')
    expect(before.every((count) => count > 0)).toBe(true)
    const undone = db.unitOfWork.run(async (tx) => {
      await checkpoints.deleteThread(tx, 'nested')
      throw new Error('undo')
    })
    await expect(undone).rejects.toThrow('undo')
    expect(await countRows('nested')).toEqual(before)
    await db.unitOfWork.run((tx) => checkpoints.deleteThread(tx, 'nested'))
    expect(await countRows('nested')).toEqual([0, 0, 0])
    expect((await countRows('roll'))[0]).toBeGreaterThan(0)
  })
})
