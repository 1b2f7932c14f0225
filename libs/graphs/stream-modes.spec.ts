import 'reflect-metadata'
import { AIMessage, ToolMessage } from '@langchain/core/messages'
import { FakeStreamingChatModel } from '@langchain/core/utils/testing'
import { Annotation, END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { describe, expect, it } from 'vitest'
import { dataOf, execute, RUN_ID, serve } from './executor.spec.support.js'
import { STREAM_MODES } from './stream-mode.js'

interface WireMessage {
  readonly type: string
  readonly content: string
  readonly id: string
}

const input = { messages: [{ role: 'human', content: 'hello', id: 'question' }] }

/** begin → tool → end, as the contract counts its tuples: 5 + 1 + 3. */
function chatGraph() {
  const say = (text: string) => new FakeStreamingChatModel({ responses: [new AIMessage(text)] })
  return new StateGraph(MessagesAnnotation)
    .addNode('first', async ({ messages }) => ({ messages: [await say('begin').invoke(messages)] }))
    .addNode('tool', () => ({
      messages: [new ToolMessage({ content: 'result', tool_call_id: 'call-1', id: 'tool-1' })],
    }))
    .addNode('last', async ({ messages }, config) => {
      config.writer?.({ progress: 1 })
      return { messages: [await say('end').invoke(messages)] }
    })
    .addEdge(START, 'first')
    .addEdge('first', 'tool')
    .addEdge('tool', 'last')
    .addEdge('last', END)
    .compile()
}

describe('stream modes', () => {
  it('values: the whole state after each step, messages flattened', async () => {
    const { executor } = await serve(chatGraph())
    const run = await execute(executor, { input, streamModes: ['values'] })
    const snapshots = dataOf<{ messages: WireMessage[] }>(run, 'values')
    expect(snapshots.map(({ messages }) => messages.length)).toEqual([1, 2, 3, 4])
    const [human, ai, tool] = snapshots.at(-1)?.messages ?? []
    expect(human).toEqual({
      type: 'human',
      content: 'hello',
      id: 'question',
      additional_kwargs: {},
      response_metadata: {},
    })
    expect(ai).toEqual({
      type: 'ai',
      content: 'begin',
      id: expect.any(String) as string,
      additional_kwargs: {},
      response_metadata: {},
      tool_calls: [],
      invalid_tool_calls: [],
    })
    expect(tool).toMatchObject({ type: 'tool', tool_call_id: 'call-1' })
  })

  it('updates: what each node gave', async () => {
    const { executor } = await serve(chatGraph())
    const run = await execute(executor, { input, streamModes: ['updates'] })
    expect(dataOf<object>(run, 'updates').flatMap((update) => Object.keys(update))).toEqual(['first', 'tool', 'last'])
    expect(new Set(run.events)).toEqual(new Set(['updates']))
    expect(run.parts[0]?.data).toMatchObject({ first: { messages: [{ type: 'ai', content: 'begin' }] } })
  })

  it('messages with values: exactly the names of the contract, the last is messages/complete', async () => {
    const { executor } = await serve(chatGraph())
    const run = await execute(executor, { input, streamModes: ['messages', 'values'] })
    expect(new Set(run.events)).toEqual(
      new Set(['messages/metadata', 'messages/partial', 'messages/complete', 'values']),
    )
    expect(run.events.at(-1)).toBe('messages/complete')
  })

  it('messages: metadata once before the first token, then the message so far', async () => {
    const { executor } = await serve(chatGraph())
    const run = await execute(executor, { input, streamModes: ['messages'] })
    const partials = dataOf<[WireMessage]>(run, 'messages/partial').map(([message]) => message)
    const texts = ['b', 'be', 'beg', 'begi', 'begin', 'e', 'en', 'end']
    expect(partials.map(({ content }) => content)).toEqual(texts)
    expect(run.events.filter((event) => event === 'messages/metadata')).toHaveLength(2)
    expect(run.events.indexOf('messages/metadata')).toBeLessThan(run.events.indexOf('messages/partial'))
    const [metadata] = dataOf<Record<string, { metadata: object }>>(run, 'messages/metadata')
    expect(metadata?.[partials[0]?.id ?? '']?.metadata).toMatchObject({
      langgraph_node: 'first',
      langgraph_step: 1,
      langgraph_triggers: ['branch:to:first'],
      langgraph_path: ['__pregel_pull', 'first'],
      langgraph_checkpoint_ns: expect.stringMatching(/^first:/) as string,
      run_id: RUN_ID,
      thread_id: 'thread-1',
      graph_id: 'agent',
      assistant_id: 'assistant-1',
      run_attempt: 1,
      tags: [],
    })
    const complete = dataOf<WireMessage[]>(run, 'messages/complete').flat()
    expect(complete.map(({ content }) => content)).toEqual(['hello', 'begin', 'result', 'end'])
  })

  it('messages-tuple: a chunk for each token, whole messages once', async () => {
    const { executor } = await serve(chatGraph())
    const run = await execute(executor, { input, streamModes: ['messages-tuple'] })
    const tuples = dataOf<[WireMessage, { langgraph_node: string }]>(run, 'messages')
    expect(run.parts).toHaveLength(tuples.length)
    expect(tuples.map(([message]) => message.content)).toEqual(['b', 'e', 'g', 'i', 'n', 'result', 'e', 'n', 'd'])
    expect(tuples[0]?.[0].type).toBe('AIMessageChunk')
    expect(tuples.map(([, metadata]) => metadata.langgraph_node)).toEqual([
      ...Array<string>(5).fill('first'),
      'tool',
      ...Array<string>(3).fill('last'),
    ])
  })

  it('a model tagged nostream gives no partials', async () => {
    const model = new FakeStreamingChatModel({ responses: [new AIMessage('quiet')] }).withConfig({ tags: ['nostream'] })
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('only', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
      .addEdge(START, 'only')
      .compile()
    const run = await execute((await serve(graph)).executor, { input, streamModes: ['messages'] })
    expect(run.events).not.toContain('messages/partial')
    expect(dataOf<WireMessage[]>(run, 'messages/complete').flat().at(-1)?.content).toBe('quiet')
  })

  it('events: callback events of the run, hidden ones dropped', async () => {
    const { executor } = await serve(chatGraph())
    const run = await execute(executor, { input, streamModes: ['events'] })
    expect(new Set(run.events)).toEqual(new Set(['events']))
    const events = dataOf<{ event: string; run_id: string; tags: string[]; parent_ids: string[]; data: object }>(
      run,
      'events',
    )
    expect(events[0]).toMatchObject({ event: 'on_chain_start', run_id: RUN_ID, parent_ids: [] })
    expect(events.at(-1)).toMatchObject({ event: 'on_chain_end', run_id: RUN_ID })
    const tokens = events.filter(({ event }) => event === 'on_chat_model_stream')
    expect(tokens.map(({ data }) => (data as { chunk: WireMessage }).chunk.content)).toEqual([
      'b',
      'e',
      'g',
      'i',
      'n',
      'e',
      'n',
      'd',
    ])
    expect(events.flatMap(({ tags }) => tags)).not.toContain('langsmith:hidden')
    expect(run.outcome).toMatchObject({ status: 'success', state: { next: [] } })
    expect(run.outcome.lastValuesJson).toContain('"end"')
  })

  it('events beside others: each mode gives what it gives alone', async () => {
    const { executor } = await serve(chatGraph())
    const modes = ['updates', 'messages-tuple'] as const
    const alone = await execute(executor, { input, streamModes: modes, temporary: true })
    const both = await execute(executor, { input, streamModes: [...modes, 'events'], temporary: true })
    const names = both.events.filter((event) => event !== 'events')
    expect([...names].sort()).toEqual([...alone.events].sort())
    expect(both.events).toContain('events')
  })

  it('tasks: start and end of each task', async () => {
    const { executor } = await serve(chatGraph())
    const run = await execute(executor, { input, streamModes: ['tasks'] })
    const tasks = dataOf<{ name: string; result?: object }>(run, 'tasks')
    expect(tasks.map(({ name, result }) => [name, result !== undefined])).toEqual([
      ['first', false],
      ['first', true],
      ['tool', false],
      ['tool', true],
      ['last', false],
      ['last', true],
    ])
    expect(tasks[0]).toMatchObject({ id: expect.any(String) as string, triggers: ['branch:to:first'], interrupts: [] })
    expect(tasks[1]).toMatchObject({ error: null, result: { messages: [{ content: 'begin' }] } })
  })

  it('custom: what the node wrote', async () => {
    const { executor } = await serve(chatGraph())
    const run = await execute(executor, { input, streamModes: ['custom'] })
    expect(run.parts).toEqual([{ event: 'custom', data: { progress: 1 } }])
  })

  it('checkpoints and debug: addresses equal to the state, nothing private', async () => {
    const { executor, states } = await serve(chatGraph())
    const config = { configurable: { 'x-session-token': 's3cret', __hidden: 1, flavour: 'plain' } }
    const run = await execute(executor, { input, config, streamModes: ['checkpoints', 'debug'] })
    const checkpoints = dataOf<{ checkpoint: object; config: { configurable: object } }>(run, 'checkpoints')
    const state = await states.read({ threadId: 'thread-1', graphId: 'agent', config: {} })
    expect(checkpoints.at(-1)?.checkpoint).toEqual(state.checkpoint)
    expect(checkpoints.at(-1)).toMatchObject({ parent_checkpoint: state.parent_checkpoint, next: [] })
    expect(checkpoints.at(-1)?.config.configurable).toMatchObject({ thread_id: 'thread-1', flavour: 'plain' })
    const debug = dataOf<{ type: string; payload: object }>(run, 'debug')
    expect(new Set(debug.map(({ type }) => type))).toEqual(new Set(['checkpoint', 'task', 'task_result']))
    const last = debug.findLast(({ type }) => type === 'checkpoint')
    expect(last?.payload).toMatchObject({ checkpoint: state.checkpoint, parent_checkpoint: state.parent_checkpoint })
    expect(JSON.stringify(run.parts)).not.toMatch(/s3cret|__hidden|callbacks/)
  })

  it('all modes at once: only their names', async () => {
    const { executor } = await serve(chatGraph())
    const run = await execute(executor, { input, streamModes: STREAM_MODES })
    const names = new Set(run.events)
    names.delete('messages/metadata')
    names.delete('messages/partial')
    names.delete('messages/complete')
    expect([...names].sort()).toEqual(
      ['values', 'messages', 'updates', 'events', 'tasks', 'checkpoints', 'debug', 'custom'].sort(),
    )
  })
})

describe('subgraphs', () => {
  const State = Annotation.Root({ text: Annotation<string> })

  function nested() {
    const inner = new StateGraph(State)
      .addNode('leaf', ({ text }) => ({ text: `${text}!` }))
      .addEdge(START, 'leaf')
      .compile()
    return new StateGraph(State).addNode('branch', inner).addEdge(START, 'branch').compile()
  }

  it('are silent unless asked for', async () => {
    const run = await execute((await serve(nested())).executor, { input: { text: 'a' }, streamModes: ['values'] })
    expect(run.events).toEqual(['values', 'values'])
  })

  it('name their parts by node and task id', async () => {
    const { executor } = await serve(nested())
    const modes = ['values', 'updates', 'tasks', 'checkpoints', 'events'] as const
    const run = await execute(executor, { input: { text: 'a' }, streamModes: modes, streamSubgraphs: true })
    const names = new Set(run.events.filter((event) => event.includes('|')).map((event) => event.replace(/:.*/, ':')))
    expect(names).toEqual(new Set(['values|branch:', 'updates|branch:', 'tasks|branch:', 'checkpoints|branch:']))
    expect(run.events.find((event) => event.startsWith('values|'))).toMatch(/^values\|branch:[0-9a-f-]{36}$/)
    expect(dataOf(run, 'values').at(-1)).toEqual({ text: 'a!' })
    expect(run.outcome.lastValuesJson).toBe('{"text":"a!"}')
  })
})
