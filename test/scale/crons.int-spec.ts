import 'reflect-metadata'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Cluster, HAS_CLUSTERS } from '../support/cluster.js'
import type { ServerProcess } from '../support/server-process.js'

/** How long three processes fire side by side, in s; a minute of it is run by hand. */
const SECONDS = Number(process.env['SIGNALBOX_TEST_CRON_SECONDS'] ?? 10)

/** The SDK's typings call what it makes a run. */
interface Cron {
  readonly cron_id: string
  readonly next_run_date: string
}

// Each test waits for real seconds.
describe.skipIf(!HAS_CLUSTERS)('crons of three processes', { timeout: (SECONDS + 120) * 1_000 }, () => {
  let cluster: Cluster

  beforeEach(async () => {
    cluster = await Cluster.make()
  })
  afterEach(() => cluster.close())

  function clientOf({ url }: ServerProcess): Client {
    return new Client({ apiUrl: url, callerOptions: { maxRetries: 0 } })
  }

  /** A cron of each second on a thread of its own. */
  async function eachSecond(client: Client): Promise<{ cron: Cron; threadId: string }> {
    const { thread_id: threadId } = await client.threads.create()
    const options = { schedule: '* * * * * *', input: {} }
    return { cron: (await client.crons.createForThread(threadId, 'echo', options)) as unknown as Cron, threadId }
  }

  /** How many occurrences were dealt with by the time that it is disabled. */
  async function disable(client: Client, { cron_id, next_run_date }: Cron): Promise<number> {
    const cron = (await client.crons.update(cron_id, { enabled: false })) as unknown as Cron
    return (Date.parse(cron.next_run_date) - Date.parse(next_run_date)) / 1_000
  }

  const runsOf = (client: Client, threadId: string) => client.runs.list(threadId, { limit: 1_000 })
  const ended = async (client: Client, threadId: string) =>
    (await runsOf(client, threadId)).filter(({ status }) => status === 'success').length

  it(`make exactly one run for each second of ${SECONDS} s, made here and changed there`, async () => {
    const first = await cluster.start('all')
    const [maker, changer] = [first, await cluster.start('all'), await cluster.start('all')].map(clientOf)
    if (!maker || !changer) throw new Error('three processes were started')
    const { cron, threadId } = await eachSecond(maker)
    await pause(SECONDS * 1_000 + (Date.parse(cron.next_run_date) - Date.now()))
    const occurrences = await disable(changer, cron)
    expect(occurrences).toBeGreaterThanOrEqual(SECONDS)
    expect(await runsOf(maker, threadId)).toHaveLength(occurrences)
    await expect.poll(() => ended(changer, threadId), { timeout: 20_000 }).toBe(occurrences)
  })

  it('make them though one is stopped, one is killed, and a third comes to help', async () => {
    const client = clientOf(await cluster.start('api'))
    const [stopped, killed] = [await cluster.start('worker'), await cluster.start('worker')]
    const { cron, threadId } = await eachSecond(client)
    await expect.poll(() => ended(client, threadId), { timeout: 20_000 }).toBeGreaterThanOrEqual(2)
    stopped.signal('SIGSTOP')
    await killed.kill()
    const known = (await runsOf(client, threadId)).length
    await cluster.start('worker')
    await expect.poll(async () => (await runsOf(client, threadId)).length, { timeout: 40_000 }).toBeGreaterThan(known)
    stopped.signal('SIGCONT')
    const occurrences = await disable(client, cron)
    await expect.poll(() => ended(client, threadId), { timeout: 60_000 }).toBe(occurrences)
    expect(await runsOf(client, threadId)).toHaveLength(occurrences)
  })
})
