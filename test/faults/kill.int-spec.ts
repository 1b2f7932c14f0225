import 'reflect-metadata'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshDatabase, Receiver, TEST_DATABASE, type TestDatabaseSettings } from '#testing'
import { Gate } from '../support/gate.js'
import { seededRandom } from '../support/seeded-random.js'
import { ServerProcess } from '../support/server-process.js'
import { WebhookLog } from '../support/webhook-log.js'

// Each test starts the server up to four times, which takes seconds on a busy machine.
describe('a server that is killed', { timeout: 120_000 }, () => {
  let fresh: TestDatabaseSettings
  let receiver: Receiver
  let webhooks: WebhookLog
  let gate: Gate
  let server: ServerProcess | null

  beforeEach(async () => {
    fresh = await freshDatabase()
    receiver = await Receiver.start()
    webhooks = new WebhookLog(receiver)
    gate = await Gate.make()
    server = null
  })
  afterEach(async () => {
    await server?.kill()
    await gate.close()
    await receiver.close()
    await fresh.remove()
  })

  async function start(environment: Record<string, string> = {}): Promise<Client> {
    server = await ServerProcess.start({ database: fresh.settings, environment })
    return new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
  }

  it('goes on from the checkpoint when it is started again, ends the run and sends its webhook', async () => {
    const before = await start()
    const { thread_id } = await before.threads.create()
    const options = { input: { gate: gate.url }, durability: 'sync' as const, webhook: receiver.url('/killed') }
    const { run_id } = await before.runs.create(thread_id, 'steps', options)
    await gate.reached()
    await server?.kill()
    gate.open()
    const after = await start()
    expect(await after.runs.join(thread_id, run_id)).toMatchObject({ log: ['first', 'second'] })
    expect(await after.runs.get(thread_id, run_id)).toMatchObject({ status: 'success' })
    expect(await after.threads.get(thread_id)).toMatchObject({ status: 'idle', values: { log: ['first', 'second'] } })
    expect(await webhooks.first(run_id)).toMatchObject({ status: 'success', values: { log: ['first', 'second'] } })
    expectOneDelivery(webhooks, run_id)
  })

  it('keeps its promise to the runs that wait, are delayed or were cancelled', async () => {
    const before = await start()
    const { thread_id } = await before.threads.create()
    const webhook = receiver.url('/waiting')
    const running = await before.runs.create(thread_id, 'steps', { input: { gate: gate.url }, webhook })
    await gate.reached()
    const waiting = await before.runs.create(thread_id, 'echo', { input: {}, webhook })
    const delayed = await before.runs.create(thread_id, 'echo', { input: {}, afterSeconds: 3_600, webhook })
    await before.runs.cancel(thread_id, delayed.run_id)
    await server?.kill()
    gate.open()
    const after = await start()
    await webhooks.all([running.run_id, waiting.run_id, delayed.run_id])
    const states = await Promise.all([running, waiting, delayed].map(({ run_id }) => after.runs.get(thread_id, run_id)))
    expect(states.map(({ status }) => status)).toEqual(['success', 'success', 'interrupted'])
    expect(await after.threads.get(thread_id)).toMatchObject({
      status: 'idle',
      values: { log: ['first', 'second', 'echo'] },
    })
  })

  it(
    'ends every run that it accepted and sends every webhook, wherever the kills fall',
    { timeout: 120_000 },
    async () => {
      const seed = Number(process.env['SIGNALBOX_TEST_SEED'] ?? Date.now() % 1_000_000)
      const random = seededRandom(seed)
      const accepted: Accepted[] = []
      const moments: number[] = []
      // A delivery that was being sent at the kill comes back when its lease has passed: the attempt's limit and 30 s.
      const environment = { SIGNALBOX_WEBHOOK_TIMEOUT: '1s' }
      for (let round = 0; round < 5; round += 1) {
        await start(environment)
        const load = runLoad(server!.url, { round, webhook: receiver.url(`/load/${round}`), accepted })
        const moment = Math.floor(random() * 700)
        moments.push(moment)
        await pause(moment)
        await server?.kill()
        await load
      }
      const story = `seed ${seed}, kills after ${moments.join(', ')} ms, ${accepted.length} runs accepted`
      process.stdout.write(`kill.int-spec: ${story}\n`)
      expect(accepted.length, story).toBeGreaterThan(0)
      const client = await start(environment)
      await webhooks.all(accepted.map(({ run_id }) => run_id))
      for (const runId of webhooks.runIds()) {
        expectOneDelivery(webhooks, runId)
        const { status, error } = await webhooks.first(runId)
        // Three kills can hit one run: then that is its end, and it is told like any other.
        if (status !== 'success')
          expect([status, error], story).toEqual(['error', `Run ${runId} exceeded max attempts`])
      }
      for (const { run_id, thread_id } of accepted.filter(({ stateless }) => !stateless)) {
        const { status } = await webhooks.first(run_id)
        expect((await client.runs.get(thread_id, run_id)).status, story).toBe(status)
        expect((await client.threads.get(thread_id)).status, story).toBe(status === 'success' ? 'idle' : 'error')
      }
    },
  )

  it('refuses a second process on the same data, which ends with code 1 and a sentence', async () => {
    const client = await start()
    const sentence =
      TEST_DATABASE === 'postgres'
        ? /ended with code 1\n[^]*Another signalbox process is using this PostgreSQL database/
        : /ended with code 1\n[^]*The data folder \S+ is in use by another process/
    await expect(ServerProcess.start({ database: fresh.settings })).rejects.toThrow(sentence)
    expect(await client.runs.wait(null, 'echo', { input: {} })).toEqual({ log: ['echo'] })
  })

  it('hands a run back at SIGTERM, ends with code 0, and does not count it as an attempt', async () => {
    const environment = { SIGNALBOX_SHUTDOWN_GRACE: '100ms' }
    let client = await start(environment)
    const { thread_id } = await client.threads.create()
    const options = { input: { gate: gate.url }, durability: 'sync' as const, webhook: receiver.url('/stopped') }
    const { run_id } = await client.runs.create(thread_id, 'steps', options)
    // One stop more than there are attempts.
    for (let stops = 1; stops <= 3; stops += 1) {
      await gate.reached(stops)
      expect(await server?.stop()).toBe(0)
      client = await start(environment)
    }
    await gate.reached(4)
    expect(receiver.requests).toEqual([])
    gate.open()
    expect(await client.runs.join(thread_id, run_id)).toMatchObject({ log: ['first', 'second'] })
    expect(await webhooks.first(run_id)).toMatchObject({ status: 'success' })
    expectOneDelivery(webhooks, run_id)
  })

  it('lets a run end within the grace of SIGTERM', async () => {
    let client = await start()
    const { thread_id } = await client.threads.create()
    const options = { input: { gate: gate.url }, webhook: receiver.url('/grace') }
    const { run_id } = await client.runs.create(thread_id, 'steps', options)
    await gate.reached()
    const stopped = server?.stop()
    gate.open()
    expect(await stopped).toBe(0)
    client = await start()
    expect((await client.runs.get(thread_id, run_id)).status).toBe('success')
    expect(await webhooks.first(run_id)).toMatchObject({ status: 'success' })
  })
})

interface Accepted {
  readonly run_id: string
  readonly thread_id: string
  readonly stateless: boolean
}

/** Twenty runs at once, half of them stateless; whatever the server answered counts as accepted. */
async function runLoad(url: string, load: { round: number; webhook: string; accepted: Accepted[] }): Promise<void> {
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(answer.status).toBe(200)
    return (await answer.json()) as { run_id: string; thread_id: string }
  }
  const one = async (place: number) => {
    const stateless = place % 2 === 0
    const body = { assistant_id: place % 4 < 2 ? 'steps' : 'echo', input: {}, webhook: `${load.webhook}/${place}` }
    const path = stateless ? '/runs' : `/threads/${(await post('/threads', {})).thread_id}/runs`
    const { run_id, thread_id } = await post(path, body)
    load.accepted.push({ run_id, thread_id, stateless })
  }
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, place) => one(place)))
  // Only the kill may end a request: anything the server answers itself is a fault of this test's subject.
  for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(TypeError)
}

/** Duplicates are allowed, but they are one delivery: the same id and the same bytes. */
function expectOneDelivery(webhooks: WebhookLog, runId: string): void {
  const came = webhooks.of(runId)
  expect(new Set(came.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(new Set(came.map(({ body }) => body.toString('base64'))).size).toBe(1)
}
