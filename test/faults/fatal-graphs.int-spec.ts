import 'reflect-metadata'
import { resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshDatabase, Receiver, type TestDatabaseSettings } from '#testing'
import { ServerProcess } from '../support/server-process.js'
import { WebhookLog } from '../support/webhook-log.js'

const config = resolve(import.meta.dirname, '../fixtures/fatal/langgraph.json')
const ATTEMPTS = 3

// Somebody starts the server anew each time, as a service manager does.
describe('a graph that ends its process', { timeout: 120_000 }, () => {
  let fresh: TestDatabaseSettings
  let gate: Receiver
  let receiver: Receiver
  let server: ServerProcess | null

  beforeEach(async () => {
    fresh = await freshDatabase()
    gate = await Receiver.start()
    receiver = await Receiver.start()
    server = null
  })
  afterEach(async () => {
    await server?.kill()
    await gate.close()
    await receiver.close()
    await fresh.remove()
  })

  async function start(): Promise<Client> {
    server = await ServerProcess.start({ config, database: fresh.settings })
    return new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
  }

  /** Holds up the next that come to the gate; returns what lets them through. */
  function holdGate(): () => void {
    let open = () => {}
    gate.otherwise({ status: 200, after: new Promise<void>((passed) => (open = passed)) })
    return open
  }

  it.each([
    { by: 'exit', code: 3 },
    { by: 'uncaught', code: 1 },
  ] as const)('by $by is given up after three attempts, told of, and in nobody’s way', async ({ by, code }) => {
    let open = holdGate()
    let client = await start()
    const { thread_id } = await client.threads.create()
    const { run_id } = await client.runs.create(thread_id, 'fatal', {
      input: { gate: gate.url(), by },
      durability: 'sync',
      webhook: receiver.url('/fatal'),
    })
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      await gate.waitFor(attempt)
      open()
      expect(await server?.ended()).toBe(code)
      open = holdGate()
      client = await start()
    }
    await expect(client.runs.join(thread_id, run_id)).resolves.toMatchObject({
      __error__: { error: 'MaxAttemptsExceeded' },
    })
    expect(await client.runs.get(thread_id, run_id)).toMatchObject({ status: 'error' })
    expect(await client.threads.get(thread_id)).toMatchObject({ status: 'error', values: { log: ['first'] } })
    expect(await new WebhookLog(receiver).first(run_id)).toMatchObject({ status: 'error', values: { log: ['first'] } })
    expect(gate.requests).toHaveLength(ATTEMPTS)
    expect(await client.runs.wait(null, 'echo', { input: {} })).toMatchObject({ log: ['echo'] })
  })
})
