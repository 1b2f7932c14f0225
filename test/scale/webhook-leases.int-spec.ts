import 'reflect-metadata'
import { Client } from '@langchain/langgraph-sdk'
import { Client as DatabaseClient } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Cluster, HAS_CLUSTERS } from '../support/cluster.js'
import { attemptsByUrl, auditOutbox, NOTHING_BROKEN } from '../support/outbox-audit.js'
import { Outside } from '../support/outside.js'

describe.skipIf(!HAS_CLUSTERS)('a worker that is stopped while it sends a webhook', { timeout: 120_000 }, () => {
  const outside = Outside.use()
  let cluster: Cluster

  beforeEach(async () => {
    cluster = await Cluster.make()
  })
  afterEach(() => cluster.close())

  /** A lease is longer than a spec should take: the stopped process cannot know. */
  async function endLeases(): Promise<number> {
    const { settings } = cluster.database
    const database = new DatabaseClient(settings.kind === 'postgres' ? settings.uri : '')
    await database.connect()
    const past = `UPDATE webhook_deliveries SET lease_until = '2020-01-01' WHERE status = 'delivering'`
    const { rowCount } = await database.query(past)
    await database.end()
    return rowCount ?? 0
  }

  it.each([
    { answer: 'a failure', status: 500 },
    { answer: 'a success', status: 200 },
  ])('changes nothing with $answer once another has sent it', async ({ status }) => {
    const api = await cluster.start('api')
    const stopped = await cluster.start('worker')
    const client = new Client({ apiUrl: api.url })
    const { receiver } = outside
    let answerFirst: () => void = () => undefined
    receiver.answer({ status, after: new Promise<void>((answered) => (answerFirst = answered)) })
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'echo', { input: {}, webhook: receiver.url('/done') })
    await receiver.waitFor(1)
    stopped.signal('SIGSTOP')
    expect(await endLeases()).toBe(1)
    const other = await cluster.start('worker')
    await receiver.waitFor(2)
    expect(await other.stop()).toBe(0)
    const attempts = async () => (await attemptsByUrl(cluster.database.settings)).get(receiver.url('/done'))
    const before = await attempts()
    answerFirst()
    stopped.signal('SIGCONT')
    expect(await stopped.stop()).toBe(0)

    expect(await attempts()).toEqual(before)
    const { broken, deliveries } = await auditOutbox(cluster.database.settings)
    expect(broken).toEqual(NOTHING_BROKEN)
    expect(deliveries).toMatchObject([{ status: 'delivered', attempts: 2 }])
    const [first, second] = receiver.requests
    expect(receiver.requests).toHaveLength(2)
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(second?.body.equals(first?.body ?? Buffer.of())).toBe(true)
  })
})
