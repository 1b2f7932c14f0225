import 'reflect-metadata'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EMPTY_THREAD_STATE } from '#graphs'
import { newId } from '#kernel'
import { openThreadsApp, type ThreadsApp } from './threads-app.spec.support.js'

let app: ThreadsApp

beforeAll(async () => {
  app = await openThreadsApp()
})

afterAll(() => app.close())

beforeEach(() => {
  app.stateReads.length = 0
})

describe('reading the state of a thread', () => {
  it('reads the latest, with the graph and config that the thread stands on', async () => {
    const threadId = await app.insert({ metadata: { graph_id: 'agent' }, config: { configurable: { model: 'm' } } })
    const { status, body } = await app.request('GET', `/threads/${threadId}/state`)
    expect([status, body]).toEqual([200, EMPTY_THREAD_STATE])
    expect(app.stateReads).toEqual([
      { ref: { threadId, graphId: 'agent', config: { configurable: { model: 'm' } } }, options: { subgraphs: false } },
    ])
  })

  it('knows no graph before the first run', async () => {
    const threadId = await app.insert({ metadata: { graph_id: 3 } })
    await app.request('GET', `/threads/${threadId}/state?subgraphs=True`)
    expect(app.stateReads).toEqual([{ ref: { threadId, graphId: null, config: {} }, options: { subgraphs: true } }])
  })

  it('reads at a checkpoint', async () => {
    const threadId = await app.insert({})
    const checkpointId = newId()
    const { status } = await app.request('GET', `/threads/${threadId}/state/${checkpointId}?subgraphs=1`)
    expect(status).toBe(200)
    expect(app.stateReads[0]?.options).toEqual({ checkpointId, subgraphs: true })
  })

  it('reads a subgraph by its namespace', async () => {
    const threadId = await app.insert({})
    const checkpoint = { checkpoint_ns: 'weather:1', checkpoint_id: null, thread_id: newId() }
    const { status } = await app.request('POST', `/threads/${threadId}/state/checkpoint`, {
      checkpoint,
      subgraphs: true,
    })
    expect(status).toBe(200)
    expect(app.stateReads[0]).toMatchObject({
      ref: { threadId },
      options: { checkpointId: undefined, checkpointNs: 'weather:1', subgraphs: true },
    })
  })

  it('passes on the id and the map of a checkpoint', async () => {
    const threadId = await app.insert({})
    const checkpointId = newId()
    const checkpoint = { checkpoint_id: checkpointId, checkpoint_map: { '': checkpointId } }
    await app.request('POST', `/threads/${threadId}/state/checkpoint`, { checkpoint })
    expect(app.stateReads[0]?.options).toMatchObject({ checkpointId, checkpointMap: { '': checkpointId } })
  })
})

describe('a state that cannot be read', () => {
  it.each(['/state', `/state/${newId()}`])('answers 404 at %s of an unknown thread', async (path) => {
    const id = newId()
    const { status, body } = await app.request('GET', `/threads/${id}${path}`)
    expect([status, body]).toEqual([404, { detail: `Thread with ID ${id} not found` }])
  })

  it.each([
    ['GET', '/state/latest', undefined, 'Invalid checkpoint ID: must be a UUID'],
    ['GET', '/state?subgraphs=perhaps', undefined, 'subgraphs: must be a boolean'],
    ['POST', '/state/checkpoint', {}, 'checkpoint: must be an object'],
    ['POST', '/state/checkpoint', { checkpoint: { checkpoint_id: 'x' } }, 'Invalid checkpoint ID: must be a UUID'],
    ['POST', '/state/checkpoint', { checkpoint: { checkpoint_ns: 3 } }, 'checkpoint.checkpoint_ns: must be a string'],
    ['POST', '/state/checkpoint', { checkpoint: {}, subgraphs: 'yes' }, 'subgraphs: must be a boolean value'],
  ] as const)('refuses %s %s %j', async (method, path, payload, detail) => {
    const threadId = await app.insert({})
    const { status, body } = await app.request(method, `/threads/${threadId}${path}`, payload)
    expect([status, body]).toEqual([422, { detail }])
    expect(app.stateReads).toEqual([])
  })
})
