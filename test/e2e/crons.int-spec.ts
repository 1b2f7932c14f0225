import 'reflect-metadata'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { ServerProcess } from '../support/server-process.js'

/** What these tests look at of a cron: the SDK's typings call what it makes a run. */
interface Cron {
  readonly cron_id: string
  readonly next_run_date: string
  readonly enabled: boolean
}

// Each test waits for real seconds, and one starts the server twice.
describe('crons by the official client', { timeout: 120_000 }, () => {
  let fresh: TestDatabaseSettings
  let server: ServerProcess | null

  beforeEach(async () => {
    fresh = await freshDatabase()
    server = null
  })
  afterEach(async () => {
    await server?.stop()
    await fresh.remove()
  })

  async function start(): Promise<Client> {
    server = await ServerProcess.start({ database: fresh.settings })
    return new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
  }

  async function onThread(client: Client, threadId: string): Promise<Cron> {
    const options = { schedule: '* * * * * *', input: {} }
    return (await client.crons.createForThread(threadId, 'echo', options)) as unknown as Cron
  }

  const ended = async (client: Client, threadId: string) =>
    (await client.runs.list(threadId, { limit: 1_000, status: 'success' })).length

  /** How many occurrences were dealt with: as many as there are seconds between the two. */
  async function stopped(client: Client, { cron_id, next_run_date }: Cron): Promise<number> {
    const cron = (await client.crons.update(cron_id, { enabled: false })) as unknown as Cron
    return (Date.parse(cron.next_run_date) - Date.parse(next_run_date)) / 1_000
  }

  it('make one run for each second, each of which ends', async () => {
    const client = await start()
    const { thread_id } = await client.threads.create()
    const cron = await onThread(client, thread_id)
    await expect.poll(() => ended(client, thread_id), { timeout: 20_000 }).toBeGreaterThanOrEqual(4)
    const occurrences = await stopped(client, cron)
    await expect.poll(() => ended(client, thread_id), { timeout: 20_000 }).toBe(occurrences)
    expect(await client.runs.list(thread_id, { limit: 1_000 })).toHaveLength(occurrences)
    const { values } = await client.threads.get(thread_id)
    expect(values).toEqual({ log: Array.from({ length: occurrences }, () => 'echo') })
  })

  it('keep the thread of each firing where they are told so', async () => {
    const client = await start()
    const metadata = { kept: true }
    const options = { schedule: '* * * * * *', input: {}, metadata, onRunCompleted: 'keep' } as const
    const { cron_id } = (await client.crons.create('echo', options)) as unknown as Cron
    const idle = () => client.threads.search({ metadata, status: 'idle' })
    await expect.poll(async () => (await idle()).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2)
    await client.crons.delete(cron_id)
    for (const thread of await idle()) {
      expect(thread.values).toEqual({ log: ['echo'] })
      expect(await client.runs.list(thread.thread_id)).toHaveLength(1)
    }
  })

  it('miss nothing and make nothing twice over a kill', async () => {
    const before = await start()
    const { thread_id } = await before.threads.create()
    const cron = await onThread(before, thread_id)
    await expect.poll(() => ended(before, thread_id), { timeout: 20_000 }).toBeGreaterThanOrEqual(2)
    await server?.kill()
    const after = await start()
    const known = await ended(after, thread_id)
    await expect.poll(() => ended(after, thread_id), { timeout: 30_000 }).toBeGreaterThan(known + 3)
    const occurrences = await stopped(after, cron)
    await expect.poll(() => ended(after, thread_id), { timeout: 30_000 }).toBe(occurrences)
    expect(await after.runs.list(thread_id, { limit: 1_000 })).toHaveLength(occurrences)
  })
})
