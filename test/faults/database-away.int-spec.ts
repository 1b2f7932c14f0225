import 'reflect-metadata'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshDatabase, TEST_DATABASE, type TestDatabaseSettings } from '#testing'
import { CuttingProxy } from '../support/cutting-proxy.js'
import { auditOutbox, NOTHING_BROKEN, unsettled } from '../support/outbox-audit.js'
import { Outside } from '../support/outside.js'
import { ServerProcess } from '../support/server-process.js'
import { WebhookLog } from '../support/webhook-log.js'

/** How long the database is away, in ms. */
const AWAY_MS = 10_000
const RUNS = 30

const ENVIRONMENT = { SIGNALBOX_LEASE: '6s', SIGNALBOX_WEBHOOK_RETRY_SCHEDULE: Array<string>(50).fill('200ms').join() }

// The embedded database lives and dies with the process: it cannot be away.
describe.skipIf(TEST_DATABASE !== 'postgres')('a server whose PostgreSQL goes away', { timeout: 120_000 }, () => {
  const outside = Outside.use()
  let fresh: TestDatabaseSettings
  let wire: CuttingProxy
  let server: ServerProcess
  let client: Client

  beforeEach(async () => {
    fresh = await freshDatabase()
    const { settings } = fresh
    if (settings.kind !== 'postgres') throw new Error('this needs PostgreSQL')
    wire = await CuttingProxy.start(settings.uri)
    const database = { ...settings, uri: wire.through(settings.uri) }
    server = await ServerProcess.start({ database, environment: ENVIRONMENT })
    client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
  })
  afterEach(async () => {
    await server?.kill()
    await wire.close()
    await fresh.remove()
  })

  const answerOf = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${server.url}${path}`, { ...init, signal: AbortSignal.timeout(30_000) })
    return [answer.status, (await answer.json()) as unknown]
  }

  /** A run in each of the states in which the database can leave it. */
  async function makeRuns(): Promise<string[]> {
    const made = Array.from({ length: RUNS }, async (_none, place) => {
      const { thread_id } = await client.threads.create()
      const isGated = place % 3 === 0
      const run = await client.runs.create(place % 3 === 1 ? null : thread_id, isGated ? 'steps' : 'echo', {
        input: isGated ? { gate: outside.gate.url } : {},
        webhook: outside.receiver.url(`/${place}`),
      })
      return run.run_id
    })
    return Promise.all(made)
  }

  /** The answer to a client that waits for a run: it has begun. */
  const waitInTheQueue = () =>
    fetch(`${server.url}/runs/wait`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ assistant_id: 'echo', input: { log: ['x'] } }),
    })

  it('loses nothing of its runs and webhooks, says so meanwhile, and comes back by itself', async () => {
    // Answers fall before, into and after the time without a database.
    let arrived = 0
    outside.receiver.otherwise(() => ({
      status: (arrived += 1) % 4 === 0 ? 500 : 200,
      after: pause((arrived % 20) * 100),
    }))
    const runIds = await makeRuns()
    await outside.gate.reached(1)
    await outside.receiver.waitFor(RUNS / 3)
    const openWait = await waitInTheQueue()
    await wire.close()
    const isBack = pause(AWAY_MS)
    await expect
      .poll(() => answerOf('/health/ready'), { timeout: 5_000 })
      .toMatchObject([503, { detail: expect.stringMatching(/^Not ready: database /), parts: {} }])
    outside.gate.open()
    const refused = await answerOf('/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ assistant_id: 'echo', webhook: outside.receiver.url('/refused') }),
    })
    expect(refused).toEqual([503, { detail: 'The database is away. Try again in a moment.' }])
    expect(await answerOf('/health/live')).toEqual([200, { ok: true }])
    await isBack
    expect(await answerOf('/health/ready')).toMatchObject([503, {}])
    await wire.reopen()

    await expect.poll(() => answerOf('/health/ready'), { timeout: 20_000 }).toMatchObject([200, { ok: true }])
    expect(await openWait.json()).toHaveProperty('log')
    const webhooks = new WebhookLog(outside.receiver)
    await webhooks.all(runIds)
    await expect.poll(() => unsettled(fresh.settings), { timeout: 30_000, interval: 200 }).toBe(0)
    expect(await server.stop()).toBe(0)
    const { broken, deliveries } = await auditOutbox(fresh.settings)
    expect(broken).toEqual(NOTHING_BROKEN)
    expect(deliveries.map(({ runId }) => runId).sort()).toEqual([...runIds].sort())
    expect(new Set(deliveries.map(({ runStatus }) => runStatus))).toEqual(new Set(['success']))
    for (const { deliveryId, runId, body } of deliveries) {
      const came = webhooks.of(runId)
      expect(new Set(came.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([deliveryId]))
      expect(came.filter((request) => !body?.equals(request.body))).toEqual([])
    }
  })
})
