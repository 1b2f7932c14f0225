import 'reflect-metadata'
import { resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Cluster, HAS_CLUSTERS } from '../support/cluster.js'
import { Gate } from '../support/gate.js'
import type { ServerProcess } from '../support/server-process.js'
import { collect, SseReader } from '../support/sse-reader.js'

const config = resolve(import.meta.dirname, '../fixtures/streams/langgraph.json')

describe.skipIf(!HAS_CLUSTERS)('one deployment of several processes', { timeout: 120_000 }, () => {
  let cluster: Cluster
  let apis: [ServerProcess, ServerProcess, ServerProcess]
  let worker: ServerProcess
  let clients: [Client, Client, Client]
  let gate: Gate

  beforeAll(async () => {
    cluster = await Cluster.make({ config })
    const first = await cluster.start('api')
    const others = await Promise.all([cluster.start('api'), cluster.start('api'), cluster.start('worker')])
    apis = [first, others[0], others[1]]
    worker = others[2]
    clients = [clientOf(apis[0]), clientOf(apis[1]), clientOf(apis[2])]
  })
  afterAll(() => cluster.close())
  beforeEach(async () => {
    gate = await Gate.make()
  })
  afterEach(() => gate.close())

  function clientOf({ url }: ServerProcess): Client {
    return new Client({ apiUrl: url, callerOptions: { maxRetries: 0 } })
  }

  it('creates a run on one, executes it on another, streams and joins it from others', async () => {
    const [creator, streamer, joiner] = clients
    const { thread_id } = await creator.threads.create()
    const run = await creator.runs.create(thread_id, 'steps', { input: { gate: gate.url }, streamMode: ['values'] })
    await gate.reached()
    const stream = collect(streamer.runs.joinStream(thread_id, run.run_id, { lastEventId: '-1' }))
    const joined = joiner.runs.join(thread_id, run.run_id)
    gate.open()
    expect(await joined).toMatchObject({ log: ['first', 'second'] })
    expect((await stream).map(({ event }) => event)).toEqual(['metadata', 'values', 'values', 'values'])
    expect(await creator.runs.get(thread_id, run.run_id)).toMatchObject({ status: 'success' })
  })

  it('streams a run from the process that created it, and answers a wait with its values', async () => {
    const [first, second] = clients
    const { thread_id } = await first.threads.create()
    const parts = await collect(first.runs.stream(thread_id, 'steps', { input: { gate: null }, streamMode: 'updates' }))
    expect(parts.map(({ event }) => event)).toEqual(['metadata', 'updates', 'updates'])
    expect(await second.runs.wait(thread_id, 'steps', { input: { gate: null } })).toMatchObject({
      log: ['first', 'second', 'first', 'second'],
    })
  })

  it('answers for a stateless run whose rows are gone, also to who joins later', async () => {
    const [first] = clients
    let runId = ''
    const options = { input: { gate: null }, onRunCreated: (run: { run_id: string }) => void (runId = run.run_id) }
    expect(await first.runs.wait(null, 'steps', options)).toMatchObject({ log: ['first', 'second'] })
    const late = await SseReader.open(`${apis[1].url}/runs/${runId}/stream`, { headers: { 'last-event-id': '-1' } })
    expect((await late.all()).map(({ event }) => event)).toEqual(['metadata', 'values', 'values', 'values'])
  })

  it('cancels from a fourth what a first has created', async () => {
    const [creator, canceller] = clients
    const { thread_id } = await creator.threads.create()
    const run = await creator.runs.create(thread_id, 'steps', { input: { gate: gate.url } })
    await gate.reached()
    await canceller.runs.cancel(thread_id, run.run_id, true)
    expect(await creator.runs.get(thread_id, run.run_id)).toMatchObject({ status: 'interrupted' })
  })

  it('has one run created, executed, streamed and joined, and cancelled by four processes', async () => {
    const [creator, reader, canceller] = clients
    const { thread_id } = await creator.threads.create()
    const run = await creator.runs.create(thread_id, 'steps', { input: { gate: gate.url }, streamMode: ['updates'] })
    const stream = collect(reader.runs.joinStream(thread_id, run.run_id, { lastEventId: '-1' }))
    const joined = reader.runs.join(thread_id, run.run_id)
    await gate.reached()
    await canceller.runs.cancel(thread_id, run.run_id, true)
    expect((await stream).map(({ event }) => event)).toEqual(['metadata', 'updates'])
    expect(await joined).toMatchObject({ log: ['first'] })
    expect(await reader.runs.get(thread_id, run.run_id)).toMatchObject({ status: 'interrupted' })
  })

  it('gives the stream of a thread from run to run, wherever each was created', async () => {
    const [creator, streamer, other] = clients
    const { thread_id } = await creator.threads.create()
    const seen: unknown[] = []
    const stream = await SseReader.open(`${apis[1].url}/threads/${thread_id}/stream?stream_mode=run_modes,state_update`)
    const reading = (async () => {
      for await (const { event, data } of stream) {
        seen.push(event === 'metadata' ? data : event)
        if (event === 'state_update') return
      }
    })()
    const first = await creator.runs.create(thread_id, 'steps', { input: { gate: null }, streamMode: 'updates' })
    await creator.runs.join(thread_id, first.run_id)
    const second = await other.runs.create(thread_id, 'steps', { input: { gate: null }, streamMode: 'updates' })
    await streamer.runs.join(thread_id, second.run_id)
    await other.threads.updateState(thread_id, { values: { log: ['more'] } })
    await reading
    const partsOf = ({ run_id }: { run_id: string }) => [
      { run_id, attempt: 1 },
      'updates',
      'updates',
      { status: 'run_done', run_id },
    ]
    expect(seen).toEqual([...partsOf(first), ...partsOf(second), 'state_update'])
    stream.leave()
  })

  it('counts room for runs in the processes that execute them alone', async () => {
    expect(await apis[0].workers()).toEqual({ max: 0, active: 0, available: 0 })
    expect(await worker.workers()).toEqual({ max: 10, active: 0, available: 10 })
  })

  it('lets a worker answer operations and nobody else', async () => {
    expect((await fetch(`${worker.url}/health/ready`)).status).toBe(200)
    expect((await fetch(`${worker.url}/metrics`)).status).toBe(200)
    const refused = await fetch(`${worker.url}/threads`, { method: 'POST', body: '{}' })
    expect(refused.status).toBe(404)
    expect(await refused.json()).toEqual({ detail: expect.stringContaining('role "worker"') as string })
  })
})
