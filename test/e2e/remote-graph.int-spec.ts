import 'reflect-metadata'
import { resolve } from 'node:path'
import { Annotation, Command, MemorySaver, START, StateGraph } from '@langchain/langgraph'
import { RemoteGraph } from '@langchain/langgraph/remote'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { ServerProcess, type ServerProcessOptions } from '../support/server-process.js'

const CALLER = resolve(import.meta.dirname, '../fixtures/remote/langgraph.json')

const servers: ServerProcess[] = []
const databases: TestDatabaseSettings[] = []
async function start(options: ServerProcessOptions = {}): Promise<ServerProcess> {
  const database = await freshDatabase()
  databases.push(database)
  const server = await ServerProcess.start({ ...options, database: database.settings })
  servers.push(server)
  return server
}

let remote: ServerProcess
beforeAll(async () => {
  remote = await start()
})
afterAll(async () => {
  for (const server of servers) await server.stop()
  for (const database of databases) await database.remove()
})

const Log = Annotation.Root({
  log: Annotation<string[]>({ reducer: (left, right) => [...left, ...right], default: () => [] }),
  gate: Annotation<string | null>,
})

const remoteOf = (graphId: string) => new RemoteGraph({ graphId, url: remote.url })
const onThread = () => ({ configurable: { thread_id: crypto.randomUUID() } })

/** A RemoteGraph leaves its stream at the interrupt, before the run has stored it and ended. */
async function lastRunEnds(threadId: string): Promise<void> {
  const { runs } = new Client({ apiUrl: remote.url })
  const [run] = await runs.list(threadId)
  await runs.join(threadId, run!.run_id)
}

describe('RemoteGraph by itself', () => {
  it('invokes and streams', async () => {
    expect(await remoteOf('steps').invoke({ log: ['in'] })).toEqual({ log: ['in', 'first', 'second'] })
    const updates: unknown[] = []
    for await (const update of await remoteOf('steps').stream({ log: [] }, { streamMode: 'updates' }))
      updates.push(update)
    expect(updates).toEqual([{ first: { log: ['first'] } }, { second: { log: ['second'] } }])
  })

  it('streams what is in subgraphs with their namespace', async () => {
    const parts: unknown[] = []
    const options = { streamMode: ['updates'] as ['updates'], subgraphs: true }
    for await (const part of await remoteOf('nested').stream({ log: [] }, options)) parts.push(part)
    expect(parts).toEqual([
      [[expect.stringMatching(/^inner:/)], 'updates', { say: { log: ['echo'] } }],
      [[], 'updates', { inner: { log: ['echo'] } }],
    ])
  })

  it('reads and updates the state of a thread, and its history', async () => {
    const { threads } = new Client({ apiUrl: remote.url })
    const { thread_id } = await threads.create()
    const config = { configurable: { thread_id } }
    const graph = remoteOf('steps')
    await graph.invoke({ log: ['in'] }, config)
    const state = await graph.getState(config)
    expect(state).toMatchObject({ values: { log: ['in', 'first', 'second'] }, next: [] })
    await graph.updateState(config, { log: ['more'] }, 'second')
    expect((await graph.getState(config)).values).toEqual({ log: ['in', 'first', 'second', 'more'] })
    const history = []
    for await (const snapshot of graph.getStateHistory(config, { limit: 2 })) history.push(snapshot.values)
    expect(history).toEqual([{ log: ['in', 'first', 'second', 'more'] }, { log: ['in', 'first', 'second'] }])
  })

  it('draws its graph and tells its subgraphs', async () => {
    const drawing = await remoteOf('steps').getGraphAsync()
    expect(Object.keys(drawing.nodes)).toEqual(['__start__', 'first', 'second', '__end__'])
  })
})

describe('RemoteGraph as a node of a local graph', () => {
  const around = (graphId: string) =>
    new StateGraph(Log)
      .addNode('there', remoteOf(graphId) as never)
      .addEdge(START, 'there' as never)
      .compile({ checkpointer: new MemorySaver() })

  it('gives its values to the state', async () => {
    expect(await around('echo').invoke({ log: ['in'] }, onThread())).toEqual({ log: ['in', 'in', 'echo'] })
  })

  it('streams its parts as those of a subgraph', async () => {
    const parts: [string[], unknown][] = []
    const options = { ...onThread(), streamMode: 'updates' as const, subgraphs: true }
    for await (const part of await around('steps').stream({ log: [] }, options)) parts.push(part as never)
    expect(parts.map(([namespace, update]) => [namespace.length, Object.keys(update as object)])).toEqual([
      [1, ['first']],
      [1, ['second']],
      [0, ['there']],
    ])
  })

  it('interrupts the graph around it, which can be resumed', async () => {
    const graph = around('asking')
    const config = onThread()
    const asked = (await graph.invoke({ log: [] }, config)) as { __interrupt__?: { value: unknown }[] }
    expect(asked.__interrupt__).toMatchObject([{ value: { question: 'ok?' } }])
    const { next } = await graph.getState(config)
    expect(next).toEqual(['there'])
    await lastRunEnds(config.configurable.thread_id)
    const remoteState = await remoteOf('asking').getState(config)
    expect(remoteState.tasks[0]?.interrupts).toMatchObject([{ value: { question: 'ok?' } }])
    const answered = await remoteOf('asking').invoke(new Command({ resume: 'yes' }), config)
    expect(answered).toEqual({ log: ['answer: yes'] })
  })
})

describe('RemoteGraph as a node of a graph on another server', () => {
  let client: Client
  beforeAll(async () => {
    const environment = { REMOTE_URL: remote.url, REMOTE_GRAPH: 'steps' }
    client = new Client({ apiUrl: (await start({ config: CALLER, environment })).url })
  })

  it('runs, with and without a thread', async () => {
    const expected = { text: 'hello', heard: 'hello' }
    expect(await client.runs.wait(null, 'caller', { input: { text: 'hello' } })).toMatchObject(expected)
    const { thread_id } = await client.threads.create()
    expect(await client.runs.wait(thread_id, 'caller', { input: { text: 'hello' } })).toMatchObject(expected)
    expect((await client.threads.getState(thread_id)).values).toMatchObject(expected)
  })

  it('is drawn as one node, and its subgraphs stay the other server’s', async () => {
    const [assistant] = await client.assistants.search({ graphId: 'caller' })
    const { nodes } = await client.assistants.getGraph(assistant!.assistant_id, { xray: true })
    expect(nodes.map(({ id }) => id)).toEqual(expect.arrayContaining(['there', 'here']))
    const subgraphs = await client.assistants.getSubgraphs(assistant!.assistant_id, { recurse: true })
    expect(subgraphs).toMatchObject({ there: { state: null, input: null } })
    expect(Object.keys(subgraphs)).toEqual(['there'])
  })
})
