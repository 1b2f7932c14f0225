import 'reflect-metadata'
import { Command, END, interrupt, START, StateGraph } from '@langchain/langgraph'
import { describe, expect, it } from 'vitest'
import { dataOf, execute, type Node, parse, row, RUN_ID, say, serve, State } from './executor.spec.support.js'

describe('interrupts', () => {
  const ask = () => ({ text: interrupt<string, string>('why?') })

  it('dynamic: told in values and updates, a success, and resumed by a command', async () => {
    const { executor, states } = await serve(row({ a: say('A'), ask, b: say('B') }))
    const first = await execute(executor, { input: { text: '' }, streamModes: ['values', 'updates'] })
    const asked = [{ id: expect.any(String) as string, value: 'why?' }]
    expect(dataOf(first, 'values').at(-1)).toEqual({ __interrupt__: asked })
    expect(dataOf(first, 'updates').at(-1)).toEqual({ __interrupt__: asked })
    expect(first.outcome).toMatchObject({ status: 'success', error: null, lastValuesJson: '{"text":"A"}' })
    expect(parse(first.outcome.interruptsJson)).toEqual(asked)
    const state = await states.read({ threadId: 'thread-1', graphId: 'agent', config: {} })
    expect(state).toMatchObject({ next: ['ask'], interrupts: asked, tasks: [{ name: 'ask', interrupts: asked }] })
    expect(first.outcome.state?.next).toEqual(['ask'])
    expect(parse(first.outcome.state?.interruptsJson)).toEqual({ [state.tasks[0]?.id ?? '']: asked })

    const second = await execute(executor, { runId: RUN_ID.replace('1', '2'), command: { resume: '42', goto: null } })
    expect(second.outcome).toMatchObject({ status: 'success', interruptsJson: null, lastValuesJson: '{"text":"A42B"}' })
    expect(second.outcome.state).toEqual({ valuesJson: '{"text":"A42B"}', next: [], interruptsJson: '{}' })
  })

  it('several at once: all are in the outcome, each under its task', async () => {
    const graph = new StateGraph(State)
      .addNode('left', ask)
      .addNode('right', ask)
      .addEdge(START, 'left')
      .addEdge(START, 'right')
      .compile()
    const { outcome } = await execute((await serve(graph)).executor, { input: { text: '' } })
    expect(parse(outcome.interruptsJson)).toHaveLength(2)
    expect(Object.values(parse(outcome.state?.interruptsJson) as object)).toEqual([
      [{ id: expect.any(String) as string, value: 'why?' }],
      [{ id: expect.any(String) as string, value: 'why?' }],
    ])
  })

  it('static before and after: an empty list, and null input goes on', async () => {
    const { executor } = await serve(row({ a: say('A'), b: say('B'), c: say('C') }))
    const breakpoints = { interruptBefore: ['b'], interruptAfter: ['b'] }
    const before = await execute(executor, { input: { text: '' }, ...breakpoints })
    expect(dataOf(before, 'values').at(-1)).toEqual({ __interrupt__: [] })
    expect(before.outcome).toMatchObject({ status: 'success', interruptsJson: '[]', lastValuesJson: '{"text":"A"}' })
    expect(before.outcome.state).toEqual({ valuesJson: '{"text":"A"}', next: ['b'], interruptsJson: '{}' })
    const after = await execute(executor, { input: null, ...breakpoints })
    expect(after.outcome).toMatchObject({ interruptsJson: '[]', state: { next: ['c'] } })
    const end = await execute(executor, { input: null })
    expect(end.outcome).toMatchObject({ interruptsJson: null, lastValuesJson: '{"text":"ABC"}' })
  })

  it('a command may update and go elsewhere, with an input of its own', async () => {
    const jump: Node = () => new Command({ goto: END })
    const graph = new StateGraph(State)
      .addNode('jump', jump as never, { ends: [END, 'side'] })
      .addNode('side', ({ text }: { text: string }) => ({ text: `<${text}>` }))
      .addEdge(START, 'jump')
      .compile()
    const { executor } = await serve(graph)
    await execute(executor, { input: { text: 'x' } })
    const goto = [{ node: 'side', input: { text: 'own' } }, 'side']
    const { outcome } = await execute(executor, { command: { update: [['text', 'y']], goto } })
    expect(outcome).toMatchObject({ status: 'success', error: null, lastValuesJson: '{"text":"xy<xy><own>"}' })
  })
})
