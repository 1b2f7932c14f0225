import 'reflect-metadata'
import type { StreamMode } from '@langchain/langgraph-sdk'
import { describe, expect, it } from 'vitest'
import type { SseEvent } from '../support/sse-reader.js'
import { STREAMS_PROJECT, TestServer } from '../support/test-server.js'

const chatInput = { messages: [{ role: 'human', content: 'hello', id: 'question' }] }

describe('the events of each stream mode (contract 6.3)', () => {
  const server = TestServer.use({ config: STREAMS_PROJECT })

  interface Asked {
    readonly modes: StreamMode[]
    readonly input?: Record<string, unknown>
    readonly threadId?: string | null
    readonly streamSubgraphs?: boolean
    readonly config?: { configurable: Record<string, unknown> }
  }

  /** Runs a graph and checks what holds for every stream: `metadata` first, ids from 0 without a gap. */
  async function stream(graph: string, asked: Asked): Promise<SseEvent[]> {
    const { modes, threadId, input = {}, ...rest } = asked
    const options = { input, streamMode: modes, ...rest }
    const id = threadId === undefined ? (await server.client.threads.create()).thread_id : threadId
    const parts: SseEvent[] = []
    const running =
      id === null ? server.client.runs.stream(null, graph, options) : server.client.runs.stream(id, graph, options)
    for await (const part of running) parts.push(part as unknown as SseEvent)
    expect(parts.map((part) => part.id)).toEqual(parts.map((_, index) => String(index)))
    expect(parts[0]).toMatchObject({ event: 'metadata', data: { attempt: 1 } })
    expect(Object.keys(parts[0]?.data as object).sort()).toEqual(['attempt', 'run_id'])
    return parts
  }

  const namesOf = (parts: readonly SseEvent[]) => [...new Set(parts.map(({ event }) => event))].sort()
  const dataOf = <Data>(parts: readonly SseEvent[], name: string) =>
    parts.filter(({ event }) => event === name).map(({ data }) => data as Data)

  it.each<{ modes: StreamMode[]; names: string[]; last: string }>([
    { modes: ['values'], names: ['metadata', 'values'], last: 'values' },
    { modes: ['updates'], names: ['metadata', 'updates'], last: 'updates' },
    {
      modes: ['messages'],
      names: ['messages/complete', 'messages/metadata', 'messages/partial', 'metadata'],
      last: 'messages/complete',
    },
    {
      modes: ['messages', 'values'],
      names: ['messages/complete', 'messages/metadata', 'messages/partial', 'metadata', 'values'],
      last: 'messages/complete',
    },
    { modes: ['messages-tuple'], names: ['messages', 'metadata'], last: 'messages' },
    { modes: ['events'], names: ['events', 'metadata'], last: 'events' },
    { modes: ['tasks'], names: ['metadata', 'tasks'], last: 'tasks' },
    { modes: ['checkpoints'], names: ['checkpoints', 'metadata'], last: 'checkpoints' },
    { modes: ['debug'], names: ['debug', 'metadata'], last: 'debug' },
  ])('$modes: exactly its names, on a thread and without one', async ({ modes, names, last }) => {
    for (const threadId of [undefined, null]) {
      const parts = await stream('chat', { modes, input: chatInput, ...(threadId === null ? { threadId } : {}) })
      expect(namesOf(parts)).toEqual(names)
      expect(parts.at(-1)?.event).toBe(last)
    }
  })

  it('messages-tuple: a tuple for each token', async () => {
    const parts = await stream('chat', { modes: ['messages-tuple'], input: chatInput })
    const tuples = dataOf<[{ content: string }, object]>(parts, 'messages')
    expect(tuples.map(([{ content }]) => content)).toEqual(['b', 'e', 'g', 'i', 'n', 'result', 'e', 'n', 'd'])
    expect(tuples[0]?.[1]).toMatchObject({ langgraph_node: 'first', run_attempt: 1, graph_id: 'chat' })
  })

  it('messages: no partial of a model tagged nostream, nothing of a message without an id', async () => {
    const quiet = await stream('quiet', { modes: ['messages'], input: chatInput })
    expect(namesOf(quiet)).toEqual(['messages/complete', 'metadata'])
    expect(namesOf(await stream('anonymous', { modes: ['messages'] }))).toEqual(['metadata'])
  })

  it('debug and checkpoints: equal to the history, without private keys', async () => {
    const { thread_id } = await server.client.threads.create()
    const config = { configurable: { flavour: 'plain', __hidden: 1 } }
    const modes: StreamMode[] = ['debug', 'checkpoints']
    const parts = await stream('chat', { modes, input: chatInput, threadId: thread_id, config })
    const history = await server.client.threads.getHistory(thread_id)
    const debug = dataOf<{ type: string; payload: Record<string, unknown> }>(parts, 'debug')
    const payloads = debug.filter(({ type }) => type === 'checkpoint').map(({ payload }) => payload)
    const seen = (state: Record<string, unknown>) => [
      state['checkpoint'],
      state['parent_checkpoint'],
      state['values'],
      state['next'],
    ]
    expect(payloads.map(seen)).toEqual(
      history.map((state) => seen(state as unknown as Record<string, unknown>)).reverse(),
    )
    const checkpoints = dataOf<Record<string, unknown>>(parts, 'checkpoints')
    expect(checkpoints.map(seen)).toEqual(payloads.map(seen))
    expect(Object.keys(checkpoints[0] ?? {}).sort()).toEqual(
      ['checkpoint', 'config', 'metadata', 'next', 'parent_checkpoint', 'parent_config', 'tasks', 'values'].sort(),
    )
    expect(checkpoints[0]).toMatchObject({ config: { configurable: { flavour: 'plain', thread_id } } })
    expect(keysOf(parts).filter((key) => key.startsWith('__'))).toEqual([])
  })

  it('tasks: a start and an end of each, the result an object', async () => {
    const parts = await stream('outer', { modes: ['tasks'], input: { text: 'a' } })
    const [start, end] = dataOf<Record<string, unknown>>(parts, 'tasks')
    expect(start).toMatchObject({ name: 'branch', input: { text: 'a' }, interrupts: [] })
    expect(start?.['triggers']).toEqual(['branch:to:branch'])
    expect(end).toMatchObject({ id: start?.['id'], name: 'branch', result: { text: 'a!' }, interrupts: [] })
  })

  it('events: callback events, the hidden ones dropped', async () => {
    const parts = await stream('outer', { modes: ['events'], input: { text: 'a' } })
    const events = dataOf<{ event: string; name: string; tags: string[]; parent_ids: string[] }>(parts, 'events')
    expect(events.at(-1)).toMatchObject({ event: 'on_chain_end', parent_ids: [] })
    expect(events.map(({ name }) => name)).toContain('leaf')
    expect(events.map(({ name }) => name)).not.toContain('unseen')
    expect(events.flatMap(({ tags }) => tags)).not.toContain('langsmith:hidden')
  })

  it('subgraphs: each event named by the way to its graph, and only when asked for', async () => {
    const modes: StreamMode[] = ['values', 'updates', 'tasks', 'checkpoints', 'debug', 'custom']
    const alone = await stream('outer', { modes, input: { text: 'a' } })
    expect(alone.filter(({ event }) => event.includes('|'))).toEqual([])
    const parts = await stream('outer', { modes, input: { text: 'a' }, streamSubgraphs: true })
    const uuid = '[0-9a-f]{8}-[0-9a-f-]{27}'
    const custom = parts.find(({ event }) => event.startsWith('custom'))
    expect(custom?.event).toMatch(new RegExp(`^custom\\|branch:${uuid}\\|twig:${uuid}$`))
    expect(custom?.data).toEqual({ from: 'leaf' })
    const kinds = new Set(parts.map(({ event }) => event.replaceAll(new RegExp(uuid, 'g'), '*')))
    for (const mode of ['values', 'updates', 'tasks', 'checkpoints', 'debug'])
      for (const place of ['', '|branch:*', '|branch:*|twig:*']) expect(kinds).toContain(`${mode}${place}`)
    expect(keysOf(parts).filter((key) => key.startsWith('__'))).toEqual([])
  })

  it('tools: the life of a tool call', async () => {
    const parts = await stream('tooled', { modes: ['tools' as StreamMode] })
    expect(namesOf(parts)).toEqual(['metadata', 'tools'])
    const records = dataOf<{ event: string; name: string }>(parts, 'tools')
    expect(records.map(({ event, name }) => [event, name])).toEqual([
      ['on_tool_start', 'shout'],
      ['on_tool_end', 'shout'],
    ])
  })

  it('an error is the last event, behind what came before it, on a thread and without one', async () => {
    for (const threadId of [undefined, null]) {
      const parts = await stream('failing', { modes: ['custom'], ...(threadId === null ? { threadId } : {}) })
      expect(parts.slice(1).map(({ event, data }) => [event, data])).toEqual([
        ['custom', { before: 'the fall' }],
        ['error', { error: 'CustomError', message: 'Boo!' }],
      ])
    }
  })
})

/** Every key at any depth. */
function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = Array.isArray(value) ? [] : Object.keys(value)
  return [...own, ...Object.values(value).flatMap(keysOf)]
}
