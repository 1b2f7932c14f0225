import 'reflect-metadata'
import { Annotation, DeltaChannel, interrupt, START, StateGraph } from '@langchain/langgraph'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TEST_DATABASE } from '#testing'
import { openGround, type UpdatesGround } from './thread-updates.spec.support.js'

const Log = Annotation.Root({
  log: Annotation<string[]>({ reducer: (a, b) => a.concat(b), default: () => [] }),
  /** Set once: its only version is needed by every later checkpoint. */
  first: Annotation<string>,
})

/** What LangGraph would take for an object to be made, of a class that there is not. */
const LOOKS_SERIALIZED = { lc: 1, type: 'constructor', id: ['langchain', 'x'], kwargs: {} }

/** in ─► one ─► a subgraph that asks */
function asking() {
  const branch = new StateGraph(Log)
    .addNode('ask', () => ({ log: [interrupt<string, string>('why?')] }))
    .addEdge(START, 'ask')
    .compile()
  return new StateGraph(Log)
    .addNode('one', () => ({ log: ['one'] }))
    .addNode('branch', branch)
    .addEdge(START, 'one')
    .addEdge('one', 'branch')
    .compile()
}

describe(`copies of checkpoints on ${TEST_DATABASE}`, () => {
  let ground: UpdatesGround

  beforeAll(async () => {
    ground = await openGround()
  })
  afterAll(() => ground.db.close())

  const copy = (from: string, to: string) =>
    ground.db.unitOfWork.run((tx) => ground.checkpoints.copyThread(tx, from, to))
  const keepLatest = (threadId: string) => ground.db.unitOfWork.run((tx) => ground.checkpoints.keepLatest(tx, threadId))

  it('copies all, under the same checkpoint ids, in the name of the other thread', async () => {
    const served = await ground.serve(asking())
    await served.run('origin', { input: { log: ['in'], first: 'x' } })
    await copy('origin', 'copy')
    expect(await ground.count('copy')).toEqual(await ground.count('origin'))
    const renamed = JSON.stringify(await served.history('origin')).replaceAll('"origin"', '"copy"')
    expect(await served.history('copy')).toEqual(JSON.parse(renamed))
    const { rows } = await ground.db.database.query<{ id: string }>(
      `SELECT DISTINCT metadata ->> 'thread_id' AS id FROM langgraph.checkpoints WHERE thread_id = 'copy'`,
    )
    expect(rows).toEqual([{ id: 'copy' }])
  })

  it('both go on by themselves, the copy from its interrupt in a subgraph too', async () => {
    const served = await ground.serve(asking())
    await served.run('apart', { input: { log: ['in'], first: 'x' } })
    await copy('apart', 'twin')
    const before = await served.history('apart')
    await served.run('twin', { command: { resume: 'because' } })
    expect((await served.state('twin')).values).toEqual({ log: ['in', 'one', 'in', 'one', 'because'], first: 'x' })
    expect(await served.history('apart')).toEqual(before)
  })

  it('keeps the newest checkpoint of each namespace with all it needs', async () => {
    const served = await ground.serve(asking())
    await served.run('pruned', { input: { log: ['in'], first: 'x' } })
    const before = await served.state('pruned')
    const [checkpoints, , blobs = 0] = await ground.count('pruned')
    expect(checkpoints).toBeGreaterThan(2)
    await keepLatest('pruned')
    const [kept, , needed] = await ground.count('pruned')
    expect(kept).toBe(2)
    expect(needed).toBeLessThan(blobs)
    expect(await served.state('pruned')).toEqual({ ...before, parent_checkpoint: null })
    await served.run('pruned', { command: { resume: 'because' } })
    expect((await served.state('pruned')).values).toEqual({ log: ['in', 'one', 'in', 'one', 'because'], first: 'x' })
  })

  it('leaves other threads as they are', async () => {
    const before = await ground.count('apart')
    await keepLatest('twin')
    expect(await ground.count('apart')).toEqual(before)
  })

  it('keeps what the value of a delta channel is made of', async () => {
    const Delta = Annotation.Root({
      log: new DeltaChannel<string[], string[]>((left, writes) => left.concat(...writes), {
        initialValueFactory: () => [],
      }),
    })
    const graph = new StateGraph(Delta)
      .addNode('one', () => ({ log: ['one'] }))
      .addNode('two', () => ({ log: ['two'] }))
      .addEdge(START, 'one')
      .addEdge('one', 'two')
      .compile()
    const served = await ground.serve(graph)
    await served.run('delta', { input: { log: ['in'] } })
    await keepLatest('delta')
    expect((await served.state('delta')).values).toEqual({ log: ['in', 'one', 'two'] })
  })

  it('merges into the latest checkpoint’s metadata what is not the server’s own', async () => {
    const served = await ground.serve(asking())
    await served.run('noted', { input: { log: [] } })
    const before = await served.state('noted')
    const merged = await ground.checkpoints.mergeMetadata(ground.db.database, 'noted', {
      note: 'a\u0000',
      nested: LOOKS_SERIALIZED,
      ...LOOKS_SERIALIZED,
      step: 'x',
      run_id: 'y',
      __private: 1,
    })
    expect(merged).toBe(true)
    expect((await served.state('noted')).metadata).toEqual({
      ...before.metadata,
      note: 'a\uFFFD',
      nested: LOOKS_SERIALIZED,
      ...LOOKS_SERIALIZED,
    })
    expect(await ground.checkpoints.mergeMetadata(ground.db.database, 'nobody', {})).toBe(false)
  })
})

describe(`history on ${TEST_DATABASE}`, () => {
  let ground: UpdatesGround

  beforeAll(async () => {
    ground = await openGround()
  })
  afterAll(() => ground.db.close())

  it('is narrowed by limit, before and metadata', async () => {
    const served = await ground.serve(asking())
    await served.run('history', { input: { log: ['in'] }, config: { metadata: { topic: 'a\u0000' } } })
    const all = await served.history('history')
    expect(all.map(({ next }) => next)).toEqual([['branch'], ['one'], ['__start__']])
    expect(await served.history('history', { limit: 2 })).toEqual(all.slice(0, 2))
    const before = all[0]?.checkpoint?.checkpoint_id
    expect(await served.history('history', { before })).toEqual(all.slice(1))
    expect(await served.history('history', { metadata: { topic: 'a\u0000', source: 'input' } })).toEqual(all.slice(2))
    expect(await served.history('history', { metadata: { topic: 'other' } })).toEqual([])
    expect(await served.history('history', { checkpointId: before })).toEqual(all.slice(0, 1))
    expect(await served.history('history', { checkpointNs: 'nope:1' })).toEqual([])
    expect(await served.history('nobody')).toEqual([])
  })
})
