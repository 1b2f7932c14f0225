import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openTestDatabase, Receiver, type TestDatabase } from '#testing'
import { ClaimKeeper } from './claim-keeper.js'
import { WebhooksRepository } from './webhooks.repository.js'
import { delivery, WebhooksUnderTest } from './webhooks.spec.support.js'

describe('claims that nobody knows of any more', () => {
  let db: TestDatabase
  let receiver: Receiver
  let webhooks: WebhooksUnderTest

  beforeAll(async () => {
    db = await openTestDatabase()
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.database.query('TRUNCATE webhook_deliveries, webhook_breakers CASCADE')
    receiver = await Receiver.start()
    webhooks = await WebhooksUnderTest.create(db)
    await webhooks.app.init()
  })
  afterEach(async () => {
    await webhooks.stop()
    await receiver.close()
  })

  const inFortySeconds = () => new Date(webhooks.clock.now().getTime() + 40_000)

  /** As a claim leaves a delivery. */
  async function claimedBy(workerId: string): Promise<void> {
    await webhooks.finish({ webhook: receiver.url() })
    await db.database.query(
      `UPDATE webhook_deliveries SET status = 'delivering', claimed_by = $1, attempts = 1, cycle_attempts = 1,
         lease_until = $2`,
      [workerId, inFortySeconds()],
    )
  }

  it('go on at the next look where the answer to its own claim was lost with the connection', async () => {
    await claimedBy(webhooks.app.get(ClaimKeeper).workerId)
    webhooks.dispatcher.start()
    expect((await receiver.next()).headers['x-signalbox-attempt']).toBe('2')
    await delivery(db, { status: 'delivered', attempts: 2 })
  })

  it('stay with the process that holds them, however long it takes to answer', async () => {
    receiver.otherwise('hang')
    webhooks.dispatcher.start()
    await webhooks.finish({ webhook: receiver.url() })
    await receiver.next()
    await webhooks.clock.advance(9_000)
    expect(receiver.requests).toHaveLength(1)
    await delivery(db, { status: 'delivering', attempts: 1 })
  })

  it('are sent again, the same to the byte, where the outcome was given up because no database took it', async () => {
    const store = vi.spyOn(webhooks.app.get(WebhooksRepository), 'storeOutcomes')
    store.mockRejectedValue(new Error('the database is away'))
    webhooks.dispatcher.start()
    await webhooks.finish({ webhook: receiver.url() })
    await receiver.next()
    const passing = async () => (await webhooks.clock.advance(1_000), receiver.requests.length)
    await expect.poll(passing, { interval: 5, timeout: 15_000 }).toBe(2)
    store.mockRestore()
    await webhooks.clock.advance(1_000)
    await delivery(db, { status: 'delivered', attempts: 2 })
    const [first, second] = receiver.requests
    expect(second?.body).toEqual(first?.body)
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
  })

  it('do not keep a host behind its breaker when they were its probe', async () => {
    await claimedBy('dead')
    const host = `http://127.0.0.1:${receiver.port}`
    await db.database.query(
      'INSERT INTO webhook_breakers (host_key, opened_at, probe_at, delay_ms) VALUES ($1, $2, $3, 1000)',
      [host, webhooks.clock.now(), inFortySeconds()],
    )
    await webhooks.dispatcher.takeOver()
    webhooks.dispatcher.start()
    expect((await receiver.next()).headers['x-signalbox-attempt']).toBe('2')
    await delivery(db, { status: 'delivered', attempts: 2 })
  })
})
