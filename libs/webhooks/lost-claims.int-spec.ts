import 'reflect-metadata'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ClaimKeeper } from './claim-keeper.js'
import { SendingDesk } from './sending-desk.js'
import { WebhooksRepository } from './webhooks.repository.js'
import { WebhookGround } from './webhook-ground.spec.support.js'
import { deliveries, settled, delivery, type WebhooksUnderTest } from './webhooks.spec.support.js'

describe('claims that nobody knows of any more', () => {
  const ground = WebhookGround.use()
  let webhooks: WebhooksUnderTest

  beforeEach(async () => {
    webhooks = await ground.create()
  })

  const inFortySeconds = () => new Date(webhooks.clock.now().getTime() + 40_000)

  /** As a claim leaves a delivery. */
  async function claimedBy(workerId: string): Promise<void> {
    await webhooks.finish({ webhook: ground.receiver.url() })
    await ground.db.database.query(
      `UPDATE webhook_deliveries SET status = 'delivering', claimed_by = $1, attempts = 1, cycle_attempts = 1,
         lease_until = $2`,
      [workerId, inFortySeconds()],
    )
  }

  it('go on at the next look where the answer to its own claim was lost with the connection', async () => {
    await claimedBy(webhooks.app.get(ClaimKeeper).workerId)
    webhooks.dispatcher.start()
    expect((await ground.receiver.next()).headers['x-signalbox-attempt']).toBe('2')
    await delivery(ground.db, { status: 'delivered', attempts: 2 })
  })

  it('stay with the process that holds them, however long it takes to answer', async () => {
    ground.receiver.otherwise('hang')
    webhooks.dispatcher.start()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await ground.receiver.next()
    await webhooks.clock.advance(9_000)
    expect(ground.receiver.requests).toHaveLength(1)
    await delivery(ground.db, { status: 'delivering', attempts: 1 })
  })

  it('stay with the process that holds them beyond their first lease, and no longer than it renews them', async () => {
    const other = await ground.create({ clock: webhooks.clock })
    const [mine, others] = [webhooks.app.get(ClaimKeeper), other.app.get(ClaimKeeper)]
    await webhooks.finish({ webhook: ground.receiver.url() })
    const { clock } = webhooks
    await mine.claim({ limit: 1, perHost: 1, known: [] }, clock.now())
    for (let minute = 0; minute < 2; minute += 0.5) {
      await clock.advance(30_000)
      await mine.tend(clock.now())
      await others.tend(clock.now())
    }
    await delivery(ground.db, { status: 'delivering', claimedBy: mine.workerId })
    await clock.advance(40_001)
    await others.tend(clock.now())
    await delivery(ground.db, { status: 'pending', claimedBy: null })
  })

  it('are sent again, the same to the byte, where the outcome was given up because no database took it', async () => {
    const store = vi.spyOn(webhooks.app.get(WebhooksRepository), 'storeOutcomes')
    store.mockRejectedValue(new Error('the database is away'))
    webhooks.dispatcher.start()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await ground.receiver.next()
    const passing = async () => (await webhooks.clock.advance(1_000), ground.receiver.requests.length)
    await expect.poll(passing, { interval: 5, timeout: 15_000 }).toBe(2)
    store.mockRestore()
    // It may have failed to be stored once more before that: then its next try is still to be armed.
    const stored = async () => (await webhooks.clock.advance(1_000), (await deliveries(ground.db))[0]?.status)
    await expect.poll(stored, { interval: 5, timeout: 15_000 }).toBe('delivered')
    await delivery(ground.db, { status: 'delivered', attempts: 2 })
    const [first, second] = ground.receiver.requests
    expect(second?.body).toEqual(first?.body)
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
  })

  it('go on where they could not be handed back', async () => {
    ground.receiver.otherwise('hang')
    const crowded = await ground.start({ webhooks: { concurrency: 8, perHost: 8 }, clock: webhooks.clock })
    for (let n = 0; n < 8; n += 1) await crowded.finish({ webhook: ground.receiver.url() })
    // The last slot is kept for another host: one claim waits in line.
    await settled(ground.db, Array<string>(8).fill('delivering'))
    vi.spyOn(crowded.app.get(WebhooksRepository), 'handBack').mockRejectedValueOnce(new Error('away'))
    const desk = crowded.app.get(SendingDesk)
    desk.rest()
    desk.resume()
    await crowded.clock.advance(5_000)
    const counts = async () => (await deliveries(ground.db)).map(({ attempts }) => attempts).toSorted((a, b) => a - b)
    await expect.poll(counts, { timeout: 10_000 }).toEqual([...Array<number>(7).fill(1), 2])
  })

  it('do not keep a host behind its breaker when they were its probe', async () => {
    await claimedBy('dead')
    const host = `http://127.0.0.1:${ground.receiver.port}`
    await ground.db.database.query(
      'INSERT INTO webhook_breakers (host_key, opened_at, probe_at, delay_ms) VALUES ($1, $2, $3, 1000)',
      [host, webhooks.clock.now(), inFortySeconds()],
    )
    await webhooks.dispatcher.takeOver()
    webhooks.dispatcher.start()
    expect((await ground.receiver.next()).headers['x-signalbox-attempt']).toBe('2')
    await delivery(ground.db, { status: 'delivered', attempts: 2 })
  })
})
