import 'reflect-metadata'
import type { Interrupt } from '@langchain/langgraph-sdk'
import { describe, expect, it } from 'vitest'
import { Gate } from '../support/gate.js'
import { RUNS_PROJECT, TestServer } from '../support/test-server.js'

interface LogValues {
  log: string[]
}

/** Each graph with what it asks first, in the order of its interrupts' values. */
const ASKING = [
  ['fanout', ['a?', 'b?', 'c?']],
  ['nested', ['inner?', 'outer?']],
] as const

describe('interrupts by the official client', () => {
  const server = TestServer.use({ config: RUNS_PROJECT })

  const wait = (threadId: string, graph: string, payload: object) =>
    server.client.runs.wait(threadId, graph, payload) as Promise<unknown>

  /** What is asked on the thread now: the question by the interrupt's id. */
  async function asked(threadId: string): Promise<Map<string, string>> {
    const state = await server.client.threads.getState(threadId)
    const interrupts = state.tasks.flatMap((task) => task.interrupts)
    return new Map(interrupts.map(({ id, value }) => [String(value), String(id)]))
  }

  /** What the thread itself says is asked; it is interrupted as long as there is something. */
  async function openQuestions(threadId: string): Promise<string[]> {
    const { status, interrupts } = await server.client.threads.get(threadId)
    expect(status).toBe('interrupted')
    return valuesOf(Object.values(interrupts).flat())
  }

  async function ask(graph: string, input: object = { log: [] }): Promise<string> {
    const { thread_id } = await server.client.threads.create()
    await wait(thread_id, graph, { input })
    return thread_id
  }

  it.each(ASKING)('%s: all at once, by the ids of the interrupts', async (graph, questions) => {
    const threadId = await ask(graph)
    const ids = await asked(threadId)
    expect([...ids.keys()].sort()).toEqual([...questions])
    const resume = Object.fromEntries([...ids].map(([question, id]) => [id, `yes ${question}`]))
    const values = (await wait(threadId, graph, { command: { resume } })) as LogValues
    for (const question of questions) expect(values.log).toContain(`${question} yes ${question}`)
    expect(values.log.at(-1)).toBe('last')
    expect(await server.client.threads.get(threadId)).toMatchObject({ status: 'idle', interrupts: {} })
  })

  it.each(ASKING)('%s: one by one, in the opposite order', async (graph, questions) => {
    const threadId = await ask(graph)
    const ids = await asked(threadId)
    const order: string[] = [...questions].reverse()
    for (const [place, question] of order.entries()) {
      expect(await openQuestions(threadId)).toEqual(order.slice(place).sort())
      const values = await wait(threadId, graph, { command: { resume: { [ids.get(question)!]: 'yes' } } })
      const left = (values as { __interrupt__?: Interrupt[] }).__interrupt__ ?? []
      expect(valuesOf(left)).toEqual(order.slice(place + 1).sort())
    }
    const thread = await server.client.threads.get<LogValues>(threadId)
    expect(thread).toMatchObject({ status: 'idle', interrupts: {} })
    expect([...thread.values.log].sort()).toEqual(
      expect.arrayContaining(questions.map((question) => `${question} yes`)),
    )
  })

  it('two in one node: the first answer leaves the thread interrupted by the second question', async () => {
    const threadId = await ask('twice')
    expect(await wait(threadId, 'twice', { command: { resume: 1 } })).toMatchObject({
      __interrupt__: [{ value: 'second?' }],
    })
    expect(await openQuestions(threadId)).toEqual(['second?'])
    expect(await server.client.threads.getState(threadId)).toMatchObject({ next: ['ask'] })
    expect(await wait(threadId, 'twice', { command: { resume: 2 } })).toEqual({
      log: ['first? 1', 'second? 2', 'last'],
    })
  })

  /** The thread as a client can see it. */
  async function seen(threadId: string): Promise<unknown> {
    const { updated_at: _updated, state_updated_at: _state, ...thread } = await server.client.threads.get(threadId)
    const state = await server.client.threads.getState(threadId, undefined, { subgraphs: true })
    return { thread, state, history: await server.client.threads.getHistory(threadId) }
  }

  /** Answers everything that is asked, so that the run gets to the gate, and then some. */
  async function answerUpToGate(threadId: string, graph: string, gate: Gate): Promise<string> {
    const ids = await asked(threadId)
    const resume = Object.fromEntries([...ids.values()].map((id) => [id, 'yes']))
    const command = graph === 'twice' ? { resume: 'yes' } : { resume, update: { gate: gate.url } }
    const run = await server.client.runs.create(threadId, graph, { command })
    await gate.reached()
    return run.run_id
  }

  const stops = [
    ['rolled back', (threadId: string, runId: string) => server.client.runs.cancel(threadId, runId, true, 'rollback')],
    ['deleted', (threadId: string, runId: string) => server.client.runs.delete(threadId, runId)],
  ] as const

  describe.each(stops)('%s while it runs', (_name, stop) => {
    it.each(ASKING)('%s: leaves the thread as it was before the answers', async (graph) => {
      const gate = await Gate.make()
      const threadId = await ask(graph)
      const before = await seen(threadId)
      const runId = await answerUpToGate(threadId, graph, gate)
      await stop(threadId, runId)
      await expect(server.client.runs.get(threadId, runId)).rejects.toThrow('Run not found')
      expect(await seen(threadId)).toEqual(before)
      gate.open()
      const questions = ASKING.find(([id]) => id === graph)?.[1] ?? []
      const again = Object.fromEntries([...(await asked(threadId)).values()].map((id) => [id, 'again']))
      const values = (await wait(threadId, graph, { command: { resume: again } })) as LogValues
      for (const question of questions) expect(values.log).toContain(`${question} again`)
      await gate.close()
    })
  })

  it('deleting the run that answered, once it has ended, brings the questions back', async () => {
    const threadId = await ask('twice')
    const before = await seen(threadId)
    await wait(threadId, 'twice', { command: { resume: 1 } })
    await wait(threadId, 'twice', { command: { resume: 2 } })
    const [last, first] = await server.client.runs.list(threadId)
    await server.client.runs.delete(threadId, last!.run_id)
    expect(await server.client.threads.get(threadId)).toMatchObject({ status: 'interrupted', values: { log: [] } })
    expect([...(await asked(threadId)).keys()]).toEqual(['second?'])
    await server.client.runs.delete(threadId, first!.run_id)
    expect(await seen(threadId)).toEqual(before)
    await wait(threadId, 'twice', { command: { resume: 3 } })
    expect(await wait(threadId, 'twice', { command: { resume: 4 } })).toMatchObject({
      log: ['first? 3', 'second? 4', 'last'],
    })
  })
})

describe.each(['router', 'commonjs'])('commands to the graph %s', (graph) => {
  const server = TestServer.use({ config: RUNS_PROJECT })

  /** What a command adds to the log of a thread whose graph has ended. */
  async function added(command: object): Promise<string[]> {
    const { thread_id } = await server.client.threads.create()
    await server.client.runs.wait(thread_id, graph, { input: { log: [] } })
    const values = (await server.client.runs.wait(thread_id, graph, { command })) as unknown as LogValues
    return values.log.slice(1)
  }

  it.each([
    ['a node', { goto: 'other' }, ['other']],
    ['a node with an input', { goto: { node: 'side', input: { log: ['own'] } } }, ['side<own>', 'end']],
    [
      'a list of both',
      { goto: ['other', { node: 'side', input: { log: ['x'] } }, { node: 'side', input: { log: ['y'] } }] },
      ['other', 'side<x>', 'side<y>', 'end'],
    ],
    ['an update and a node', { update: { log: ['new'] }, goto: 'side' }, ['new', 'side<begin,new>', 'end']],
    [
      'pairs and a send',
      { update: [['log', ['p']]], goto: [{ node: 'side', input: { log: ['q'] } }] },
      ['p', 'side<q>', 'end'],
    ],
    ['nulls, which count as absent', { update: null, resume: null, goto: 'other' }, ['other']],
  ])('goes to %s', async (_what, command, expected) => {
    expect((await added(command)).sort()).toEqual([...expected].sort())
  })

  it('applies an update alone', async () => {
    expect(await added({ update: { log: ['alone'] } })).toEqual(['alone'])
  })
})

function valuesOf(interrupts: readonly Interrupt[]): string[] {
  return interrupts.map(({ value }) => String(value)).sort()
}
