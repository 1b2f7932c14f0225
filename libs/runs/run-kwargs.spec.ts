import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { buildKwargs, mergeMetadata, mergeThreadConfig } from './run-kwargs.js'
import { runRequest } from './runs.spec.support.js'

const layers = {
  assistant: {
    assistantId: 'assistant-1',
    config: { tags: ['assistant'], recursion_limit: 5, configurable: { a: 1, b: 1, c: 1 } },
    context: { tone: 'dry', depth: { a: 1 } },
    metadata: { from: 'assistant', only: 'assistant', created_by: 'system' },
  },
  thread: {
    config: { tags: ['thread'], configurable: { b: 2, c: 2 } },
    metadata: { from: 'thread', owner: 'thread', assistant_id: 'older' },
  },
}
const request = runRequest({
  metadata: { from: 'request', assistant_id: 'forged' },
  config: {
    recursion_limit: 9,
    configurable: { c: 3, checkpoint_id: 'configured' },
    metadata: { extra: 1, from: 'x' },
  },
  context: { depth: { b: 2 } },
  checkpoint: { checkpoint_id: 'forked' },
})

describe('what a run is asked for with', () => {
  it('merges metadata: assistant, thread, request, and the true assistant last', () => {
    const merged = {
      from: 'request',
      only: 'assistant',
      owner: 'thread',
      created_by: 'system',
      assistant_id: 'assistant-1',
    }
    expect(mergeMetadata(request, layers)).toEqual(merged)
    expect(buildKwargs(request, layers, false).config['metadata']).toEqual({ extra: 1, ...merged })
  })

  it('merges configurable: assistant, thread, request, fork point', () => {
    expect(buildKwargs(request, layers, false).config).toMatchObject({
      tags: ['assistant'],
      recursion_limit: 9,
      configurable: { a: 1, b: 2, c: 3, checkpoint_id: 'forked' },
    })
  })

  it('lays the context of the request over the assistant’s, key by key', () => {
    expect(buildKwargs(request, layers, false).context).toEqual({ tone: 'dry', depth: { b: 2 } })
  })

  it('takes what is not an object for absent', () => {
    const odd = { ...layers, thread: { config: { configurable: 'text' }, metadata: {} } }
    const { config } = buildKwargs(runRequest({ config: { configurable: null, metadata: [] } }), odd, false)
    expect(config['configurable']).toEqual({ a: 1, b: 1, c: 1 })
  })

  it('keeps for the thread what the next run inherits, but no fork point', () => {
    expect(mergeThreadConfig(request, layers)).toEqual({
      tags: ['thread'],
      recursion_limit: 9,
      configurable: { a: 1, b: 2, c: 3 },
      metadata: { extra: 1, from: 'x' },
    })
  })

  it('takes nothing from a client that only authentication says', () => {
    const spoofed = runRequest({ config: { configurable: { langgraph_auth_user: 'root', a: 2 } } })
    expect(buildKwargs(spoofed, layers, false).config['configurable']).toEqual({ a: 2, b: 2, c: 2 })
    expect(mergeThreadConfig(spoofed, layers)['configurable']).toEqual({ a: 2, b: 2, c: 2 })
  })

  it('passes the rest on as it is', () => {
    const asked = runRequest({
      input: { a: [1] },
      command: { resume: 1 },
      streamModes: ['updates', 'events'],
      interruptBefore: '*',
      interruptAfter: ['n'],
      webhook: 'https://example.com/hook',
      feedbackKeys: ['up'],
      streamSubgraphs: true,
      streamResumable: true,
      durability: 'exit',
    })
    expect(buildKwargs(asked, layers, true)).toMatchObject({
      input: { a: [1] },
      command: { resume: 1 },
      stream_mode: ['updates', 'events'],
      interrupt_before: '*',
      interrupt_after: ['n'],
      webhook: 'https://example.com/hook',
      feedback_keys: ['up'],
      temporary: true,
      subgraphs: true,
      resumable: true,
      durability: 'exit',
    })
  })

  it('changes none of its layers', () => {
    const before = structuredClone({ layers, request })
    buildKwargs(request, layers, false)
    mergeThreadConfig(request, layers)
    expect({ layers, request }).toEqual(before)
  })
})
