import 'reflect-metadata'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TEST_REDIS } from '#testing'
import { Cluster, HAS_CLUSTERS } from '../support/cluster.js'
import { CuttingProxy } from '../support/cutting-proxy.js'
import { httpProject } from '../support/http-project.js'
import { auditOutbox, NOTHING_BROKEN } from '../support/outbox-audit.js'
import { Outside } from '../support/outside.js'
import type { ServerProcess } from '../support/server-process.js'
import { collect, type SseEvent } from '../support/sse-reader.js'
import { WebhookLog } from '../support/webhook-log.js'

/** How long Redis is away, in ms. */
const AWAY_MS = 10_000

describe.skipIf(!HAS_CLUSTERS)('a deployment whose Redis goes away', { timeout: 120_000 }, () => {
  const outside = Outside.use()
  let redis: CuttingProxy
  let cluster: Cluster
  let api: ServerProcess
  let other: ServerProcess
  let worker: ServerProcess
  let client: Client

  beforeEach(async () => {
    const known = TEST_REDIS ?? ''
    redis = await CuttingProxy.start(known)
    cluster = await Cluster.make({ config: httpProject({}), redis: redis.through(known) })
    api = await cluster.start('api')
    other = await cluster.start('api')
    worker = await cluster.start('worker')
    client = new Client({ apiUrl: api.url, callerOptions: { maxRetries: 0 } })
  })
  afterEach(async () => {
    await cluster.close()
    await redis.close()
  })

  const readinessOf = async ({ url }: ServerProcess) => {
    const answer = await fetch(`${url}/health/ready`)
    return [answer.status, (await answer.json()) as unknown]
  }
  const ticksOf = (parts: readonly SseEvent[]) =>
    parts.flatMap(({ event, data }) => (event === 'custom' ? [(data as { n: number }).n] : []))
  const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

  /** Uses what must go on, again and again while Redis is away; gives the runs that were made. */
  async function useUntil(isOver: () => boolean): Promise<string[]> {
    const runIds: string[] = []
    for (let turn = 0; !isOver(); turn += 1) {
      const { thread_id } = await client.threads.create()
      const options = { input: { gate: null }, webhook: outside.receiver.url(`/${turn}`) }
      const run = await client.runs.create(thread_id, 'steps', options)
      expect(await client.runs.join(thread_id, run.run_id)).toMatchObject({ log: ['first', 'second'] })
      runIds.push(run.run_id)
      expect(await client.runs.wait(null, 'echo', { input: {} })).toEqual({ log: ['echo'] })
    }
    return runIds
  }

  it('goes on with runs, cancels and webhooks, says which part is away, and its streams recover', async () => {
    const up = [200, { ok: true, parts: { database: 'up', redis: 'up' } }]
    const processes = [api, other, worker]
    for (const process of processes) expect(await readinessOf(process)).toEqual(up)
    const { thread_id } = await client.threads.create()
    const spanning = { input: { count: 260, everyMs: 50 }, streamMode: 'custom' as const, streamResumable: true }
    const run = await client.runs.create(thread_id, 'ticks', spanning)
    const live = collect(client.runs.joinStream(thread_id, run.run_id, { lastEventId: '-1' }))
    const gated = await outside.waitingRun(client)
    await redis.close()
    let isBack = false
    const away = pause(AWAY_MS).then(() => (isBack = true))
    const using = useUntil(() => isBack)
    for (const process of processes) {
      await expect
        .poll(() => readinessOf(process), { timeout: 5_000 })
        .toEqual([200, { ok: true, parts: { database: 'up', redis: 'is away' } }])
      expect((await fetch(`${process.url}/health/live`)).status).toBe(200)
    }
    await client.runs.cancel(gated.threadId, gated.runId, true)
    expect(await client.runs.get(gated.threadId, gated.runId)).toMatchObject({ status: 'interrupted' })
    await away
    const runIds = await using
    await new WebhookLog(outside.receiver).all(runIds)
    await redis.reopen()

    for (const process of processes) {
      await expect.poll(() => readinessOf(process), { timeout: 20_000 }).toEqual(up)
    }
    expect(ticksOf(await live)).toEqual(upTo(260))
    const late = new Client({ apiUrl: other.url })
    const again = await collect(late.runs.joinStream(thread_id, run.run_id, { lastEventId: '-1' }))
    expect(ticksOf(again)).toEqual(upTo(260))
    const next = client.runs.stream(thread_id, 'ticks', { input: { count: 5, everyMs: 1 }, streamMode: 'custom' })
    expect(ticksOf(await collect(next))).toEqual(upTo(5))
    expect(await Promise.all(processes.map((process) => process.stop()))).toEqual([0, 0, 0])
    const { broken, deliveries } = await auditOutbox(cluster.database.settings)
    expect(broken).toEqual(NOTHING_BROKEN)
    expect(deliveries.map(({ runId }) => runId).sort()).toEqual([gated.runId, ...runIds].sort())
  })
})
