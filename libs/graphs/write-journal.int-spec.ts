import 'reflect-metadata'
import { Annotation, interrupt, Send, START, StateGraph } from '@langchain/langgraph'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId, SystemClock } from '#kernel'
import { openTestDatabase, TEST_DATABASE, type TestDatabase } from '#testing'
import { Checkpoints } from './checkpoints.js'
import { execute, FakeImporter, graphSettings } from './executor.spec.support.js'
import { GraphExecutor } from './graph-executor.js'
import { GraphRegistry } from './graph-registry.js'
import { GraphStore } from './graph-store.js'

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (a, b) => a.concat(b), default: () => [] }),
})

const ask = (question: string) => ({ log: [`${question} ${interrupt<string, string>(question)}`] })

/** Three asked at once, one of them twice, one in a subgraph; then a step that ends the superstep. */
function askingGraph() {
  const inner = new StateGraph(State)
    .addNode('ask', () => ask('inner?'))
    .addEdge(START, 'ask')
    .compile()
  return new StateGraph(State)
    .addNode('one', () => ask('one?'))
    .addNode('twice', () => ({ log: [...ask('first?').log, ...ask('second?').log] }))
    .addNode('branch', inner)
    .addNode('after', () => ({ log: ['after'] }))
    .addConditionalEdges(START, () => [new Send('one', {}), new Send('twice', {}), new Send('branch', {})])
    .addEdge(['one', 'twice', 'branch'], 'after')
    .compile()
}

describe(`undoing a run on ${TEST_DATABASE}`, () => {
  let db: TestDatabase
  let checkpoints: Checkpoints
  let executor: GraphExecutor
  const assistantId = newId()

  beforeAll(async () => {
    db = await openTestDatabase()
    checkpoints = new Checkpoints({ pool: db.pool })
    await checkpoints.setup()
    const importer = new FakeImporter({ '/project/graph.ts': () => ({ graph: askingGraph() }) })
    const registry = new GraphRegistry(graphSettings({ agent: '/project/graph.ts:graph' }), importer, new GraphStore())
    await registry.load()
    executor = new GraphExecutor(registry, checkpoints, new GraphStore(), new SystemClock())
    await db.database.query(
      `INSERT INTO assistants (assistant_id, graph_id, name, created_at, updated_at) VALUES ($1, 'agent', 'a', now(), now())`,
      [assistantId],
    )
  })
  afterAll(() => db.close())

  async function makeThread(): Promise<string> {
    const threadId = newId()
    await db.database.query(
      'INSERT INTO threads (thread_id, created_at, updated_at, state_updated_at) VALUES ($1, now(), now(), now())',
      [threadId],
    )
    return threadId
  }

  async function run(threadId: string, part: Parameters<typeof execute>[1]): Promise<string> {
    const runId = newId()
    await db.database.query(
      `INSERT INTO runs (run_id, thread_id, assistant_id, status, kwargs, multitask_strategy, created_at, updated_at)
       VALUES ($1, $2, $3, 'success', '{}', 'enqueue', now(), now())`,
      [runId, threadId, assistantId],
    )
    const { outcome } = await execute(executor, { threadId, runId, ...part })
    expect(outcome.error).toBeNull()
    return runId
  }

  async function undo(threadId: string, runId: string): Promise<void> {
    await db.unitOfWork.run(async (tx) => {
      await checkpoints.deleteRun(tx, threadId, runId)
      await tx.query('DELETE FROM runs WHERE run_id = $1', [runId])
    })
  }

  /** Every checkpoint of the thread and every pending write on one, as they are stored. */
  async function stored(threadId: string): Promise<unknown> {
    const tables = [
      'SELECT checkpoint_ns, checkpoint_id, checkpoint, metadata FROM langgraph.checkpoints',
      'SELECT checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob FROM langgraph.checkpoint_writes',
    ]
    const rows = tables.map((table) =>
      db.database.query<Record<string, unknown>>(`${table} WHERE thread_id = $1 ORDER BY 1, 2, 3, 4`, [threadId]),
    )
    return (await Promise.all(rows)).map((result) => JSON.stringify(result.rows).split('},{'))
  }

  async function interruptIds(threadId: string): Promise<Map<string, string>> {
    const { rows } = await db.database.query<{ blob: Buffer }>(
      `SELECT blob FROM langgraph.checkpoint_writes WHERE thread_id = $1 AND channel = '__interrupt__'`,
      [threadId],
    )
    const all = rows.flatMap(({ blob }) => JSON.parse(String(blob)) as { id: string; value: string }[])
    return new Map(all.map(({ id, value }) => [value, id]))
  }

  const input = { log: ['in'] }

  it.each(['sync', 'async', 'exit'] as const)(
    'puts back what the answer to one of several changed (%s)',
    async (durability) => {
      const threadId = await makeThread()
      await run(threadId, { input, durability })
      const before = await stored(threadId)
      const ids = await interruptIds(threadId)
      expect([...ids.keys()].sort()).toEqual(['first?', 'inner?', 'one?'])
      // The next question of the same node takes the place of the first one.
      const resume = { [ids.get('first?')!]: 'a', [ids.get('inner?')!]: 'b' }
      const runId = await run(threadId, { command: { resume }, durability })
      expect(await stored(threadId)).not.toEqual(before)
      await undo(threadId, runId)
      expect(await stored(threadId)).toEqual(before)
    },
  )

  it('puts back what a run that went on to the end changed, and leaves a further run as good as the first', async () => {
    const threadId = await makeThread()
    await run(threadId, { input })
    const before = await stored(threadId)
    const answers = async () => {
      const ids = await interruptIds(threadId)
      await run(threadId, { command: { resume: Object.fromEntries([...ids].map(([value, id]) => [id, value])) } })
    }
    await answers()
    const runs = await db.database.query<{ run_id: string }>(
      'SELECT run_id FROM runs WHERE thread_id = $1 ORDER BY run_id DESC',
      [threadId],
    )
    await undo(threadId, runs.rows[0]!.run_id)
    expect(await stored(threadId)).toEqual(before)
    await answers()
    const ids = await interruptIds(threadId)
    const last = await run(threadId, { command: { resume: { [ids.get('second?')!]: 'z' } } })
    const { rows } = await db.database.query(
      `SELECT 1 FROM langgraph.checkpoints WHERE thread_id = $1 AND metadata ->> 'run_id' = $2`,
      [threadId, last],
    )
    expect(rows.length).toBeGreaterThan(0)
  })

  it('undoes runs of one interrupt in any order', async () => {
    const threadId = await makeThread()
    await run(threadId, { input })
    const before = await stored(threadId)
    const ids = await interruptIds(threadId)
    const resume = (question: string) => run(threadId, { command: { resume: { [ids.get(question)!]: question } } })
    const first = await resume('one?')
    const second = await resume('inner?')
    const third = await resume('one?')
    await undo(threadId, first)
    await undo(threadId, third)
    await undo(threadId, second)
    expect(await stored(threadId)).toEqual(before)
  })

  it('notes nothing of a run that writes on its own checkpoints alone, and nothing outlives the run', async () => {
    const threadId = await makeThread()
    await run(threadId, { input })
    await run(threadId, { input })
    const notes = async () => {
      const { rows } = await db.database.query('SELECT 1 FROM checkpoint_write_journal WHERE thread_id = $1', [
        threadId,
      ])
      return rows.length
    }
    expect(await notes()).toBe(0)
    await run(threadId, { command: { resume: 'x' } })
    expect(await notes()).toBeGreaterThan(0)
    await db.database.query('DELETE FROM threads WHERE thread_id = $1', [threadId])
    expect(await notes()).toBe(0)
  })
})
