import 'reflect-metadata'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshDatabase, payloadFaults, Receiver, TEST_DATABASE, type TestDatabaseSettings } from '#testing'
import { Gate } from '../support/gate.js'
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
    const body = await webhooks.first(run_id)
    expect(body).toMatchObject({ status: 'success', values: { log: ['first', 'second'] } })
    expect(payloadFaults({ ...body })).toEqual([])
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

/** Duplicates are allowed, but they are one delivery: the same id and the same bytes. */
function expectOneDelivery(webhooks: WebhookLog, runId: string): void {
  const came = webhooks.of(runId)
  expect(new Set(came.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(new Set(came.map(({ body }) => body.toString('base64'))).size).toBe(1)
}
