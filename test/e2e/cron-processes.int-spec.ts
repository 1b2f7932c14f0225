import 'reflect-metadata'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshDatabase, TEST_DATABASE, type TestDatabaseSettings } from '#testing'
import { PROJECT, ServerProcess } from '../support/server-process.js'

const SCHEDULER = resolve(import.meta.dirname, '../fixtures/crons/scheduler.mjs')

/** How long three processes fire side by side, in s; a minute of it is run by hand. */
const SECONDS = Number(process.env['SIGNALBOX_TEST_CRON_SECONDS'] ?? 10)

/** The SDK's typings call what it makes a run. */
interface Cron {
  readonly cron_id: string
  readonly next_run_date: string
}

// A server and two more schedulers: the embedded database belongs to one process.
describe.skipIf(TEST_DATABASE !== 'postgres')('three processes on one PostgreSQL', () => {
  let fresh: TestDatabaseSettings
  let server: ServerProcess
  let schedulers: ChildProcess[] = []

  beforeEach(async () => {
    fresh = await freshDatabase()
    server = await ServerProcess.start({ database: fresh.settings })
    schedulers = await Promise.all([startScheduler(), startScheduler()])
  })
  afterEach(async () => {
    for (const one of schedulers) {
      const exit = once(one, 'exit')
      one.kill()
      await exit
    }
    await server.stop()
    await fresh.remove()
  })

  async function startScheduler(): Promise<ChildProcess> {
    const uri = fresh.settings.kind === 'postgres' ? fresh.settings.uri : ''
    const env = { ...process.env, NODE_OPTIONS: '' }
    const child = spawn(process.execPath, [SCHEDULER, uri, PROJECT], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    expect(String(said)).toBe('ready\n')
    return child
  }

  it(
    `make one run for each second of ${SECONDS} s`,
    async () => {
      const client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
      const { thread_id } = await client.threads.create()
      const options = { schedule: '* * * * * *', input: {} }
      const cron = (await client.crons.createForThread(thread_id, 'echo', options)) as unknown as Cron
      await pause(SECONDS * 1_000 + (Date.parse(cron.next_run_date) - Date.now()))
      const after = (await client.crons.update(cron.cron_id, { enabled: false })) as unknown as Cron
      const occurrences = (Date.parse(after.next_run_date) - Date.parse(cron.next_run_date)) / 1_000
      expect(occurrences).toBeGreaterThanOrEqual(SECONDS)
      expect(await client.runs.list(thread_id, { limit: 1_000 })).toHaveLength(occurrences)
    },
    (SECONDS + 60) * 1_000,
  )
})
