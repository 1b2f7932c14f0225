import 'reflect-metadata'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TEST_REDIS } from '#testing'
import { Cluster, HAS_CLUSTERS } from '../support/cluster.js'
import { CuttingProxy } from '../support/cutting-proxy.js'
import { Outside } from '../support/outside.js'
import type { ServerProcess } from '../support/server-process.js'
import { collect, type SseEvent } from '../support/sse-reader.js'

const config = resolve(import.meta.dirname, '../fixtures/streams/langgraph.json')
const environment = { SIGNALBOX_LEASE: '2s' }

describe.skipIf(!HAS_CLUSTERS)('a deployment of which something fails', { timeout: 120_000 }, () => {
  const outside = Outside.use()
  let cluster: Cluster
  let redis: CuttingProxy
  let api: ServerProcess
  let worker: ServerProcess
  let proxy: CuttingProxy
  let client: Client

  beforeEach(async () => {
    const known = TEST_REDIS ?? ''
    redis = await CuttingProxy.start(known)
    cluster = await Cluster.make({ config, environment, redis: redis.through(known) })
    api = await cluster.start('api')
    worker = await cluster.start('worker')
    proxy = await CuttingProxy.start(api.url)
    client = new Client({ apiUrl: proxy.url })
  })
  afterEach(async () => {
    await cluster.close()
    await Promise.all([redis.close(), proxy.close()])
  })

  it('loses no event of a stream whose api process is killed: the client goes on at another', async () => {
    const other = await cluster.start('api')
    const { thread_id } = await client.threads.create()
    const input = { count: 60, everyMs: 10 }
    const stream = client.runs.stream(thread_id, 'ticks', { input, streamMode: 'custom', streamResumable: true })
    const parts: SseEvent[] = []
    for await (const part of stream) {
      parts.push(part as SseEvent)
      if (parts.length !== 10) continue
      await api.kill()
      proxy.retarget(other.url)
    }
    const numbers = parts.filter(({ event }) => event === 'custom').map(({ data }) => (data as { n: number }).n)
    expect(numbers).toEqual(Array.from({ length: 60 }, (_, n) => n))
  })

  it('executes the run of a worker that is killed on another one, from its checkpoint', async () => {
    const { threadId, runId } = await outside.waitingRun(client, { streamMode: 'updates' })
    const reading = collect(client.runs.joinStream(threadId, runId, { lastEventId: '-1' }))
    await worker.kill()
    outside.gate.open()
    await cluster.start('worker')
    const parts = await reading
    expect(parts.map(({ event, data }) => (event === 'metadata' ? data : Object.keys(data as object)[0]))).toEqual([
      { run_id: runId, attempt: 1 },
      'first',
      { run_id: runId, attempt: 2 },
      'second',
    ])
    await outside.receiver.waitFor(1)
    expect(await client.threads.getState(threadId)).toMatchObject({ values: { log: ['first', 'second'] } })
  })

  it('lets a worker that was stopped for too long write nothing over what another made of its run', async () => {
    const { threadId, runId } = await outside.waitingRun(client)
    worker.signal('SIGSTOP')
    await cluster.start('worker')
    await outside.gate.reached(2)
    outside.gate.open()
    expect(await client.runs.join(threadId, runId)).toMatchObject({ log: ['first', 'second'] })
    const history = await client.threads.getHistory(threadId)
    const ended = await client.runs.get(threadId, runId)
    worker.signal('SIGCONT')
    await expect.poll(() => worker.output.join('\n'), { timeout: 30_000 }).toContain('another process’s by now')
    expect(await client.threads.getHistory(threadId)).toEqual(history)
    expect(await client.runs.get(threadId, runId)).toEqual(ended)
    await outside.receiver.waitFor(1)
    expect(outside.receiver.requests).toHaveLength(1)
  })

  it('lets a worker that was stopped for too long go on with a run that nobody has taken', async () => {
    const { threadId, runId } = await outside.waitingRun(client)
    worker.signal('SIGSTOP')
    outside.gate.open()
    await pause(2_500) // longer than the lease
    worker.signal('SIGCONT')
    expect(await client.runs.join(threadId, runId)).toMatchObject({ log: ['first', 'second'] })
    expect(await client.runs.get(threadId, runId)).toMatchObject({ status: 'success' })
  })

  it('goes on without Redis, and its streams recover: nothing is lost', async () => {
    const { thread_id } = await client.threads.create()
    const input = { count: 100, everyMs: 10 }
    const reading = collect(client.runs.stream(thread_id, 'ticks', { input, streamMode: 'custom' }))
    await redis.close()
    expect(await client.runs.wait(null, 'steps', { input: { gate: null } })).toMatchObject({ log: ['first', 'second'] })
    const ended = await client.runs.create(thread_id, 'steps', {
      input: { gate: null },
      webhook: outside.receiver.url('/'),
    })
    expect(await client.runs.join(thread_id, ended.run_id)).toMatchObject({ log: ['first', 'second'] })
    await outside.receiver.waitFor(1)
    await redis.reopen()
    const parts = await reading
    const numbers = parts.filter(({ event }) => event === 'custom').map(({ data }) => (data as { n: number }).n)
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, n) => n))
  })
})
