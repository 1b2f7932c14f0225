import 'reflect-metadata'
import { describe, expect, it, vi } from 'vitest'
import { newId } from '#kernel'
import { WebhookGround } from '../webhook-ground.spec.support.js'
import { attempts, deliveries, delivery, settled, type WebhooksUnderTest } from '../webhooks.spec.support.js'
import { ask, storeDelivery } from './admin.spec.support.js'

describe('redelivery', () => {
  const ground = WebhookGround.use()

  it('sends the same id and bytes again, signed afresh, the attempts counted on and the schedule anew', async () => {
    ground.receiver.answer({ status: 410 }, { status: 500 })
    const key = Buffer.alloc(32, 9)
    const webhooks = await ground.start({ webhooks: { secrets: [{ host: null, key }] } })
    await webhooks.finish({ webhook: ground.receiver.url() })
    const { deliveryId } = await delivery(ground.db, { status: 'dead', attempts: 1 })
    await webhooks.clock.advance(60_000)
    expect(await ask(webhooks, 'POST', `/deliveries/${deliveryId}/redeliver`)).toEqual({ status: 202, body: null })
    await delivery(ground.db, { status: 'pending', attempts: 2 })
    await webhooks.clock.advance(5_000)
    await delivery(ground.db, { status: 'delivered', attempts: 3 })

    const [first, second] = ground.receiver.requests
    expect(second?.body).toEqual(first?.body)
    expect(second?.headers['webhook-id']).toBe(deliveryId)
    expect(second?.headers['x-signalbox-attempt']).toBe('2')
    expect(Number(second?.headers['webhook-timestamp'])).toBe(Number(first?.headers['webhook-timestamp']) + 60)
    expect(second?.headers['webhook-signature']).not.toBe(first?.headers['webhook-signature'])
    expect((await attempts(ground.db)).map(({ attempt }) => attempt)).toEqual([1, 2, 3])
  })

  it.each(['pending', 'delivered', 'dead', 'cancelled'] as const)('queues what is %s, due now', async (status) => {
    const webhooks = await ground.create()
    const deliveryId = await storeDelivery(ground.db, { status })
    expect((await ask(webhooks, 'POST', `/deliveries/${deliveryId}/redeliver`)).status).toBe(202)
    expect(await deliveries(ground.db)).toMatchObject([
      { status: 'pending', attempts: 1, nextAttemptAt: webhooks.clock.now(), claimedBy: null },
    ])
    const { rows } = await ground.db.database.query(
      'SELECT cycle_attempts, settled_at, give_up_at FROM webhook_deliveries',
    )
    expect(rows).toEqual([{ cycle_attempts: 0, settled_at: null, give_up_at: lastMoment(webhooks) }])
  })

  it.each([
    ['while it is being sent', { status: 'delivering' }, {}, 409, 'try again'],
    ['without a body', { body: null }, {}, 410, 'body'],
    ['with webhooks off by the file', {}, { webhooks: { disabled: true } }, 409, 'http.disable_webhooks'],
  ] as const)('refuses %s', async (_name, stored, change, status, detail) => {
    const webhooks = await ground.create(change)
    const deliveryId = await storeDelivery(ground.db, stored)
    const before = await deliveries(ground.db)
    const refused = { status, body: { detail: expect.stringContaining(detail) as string } }
    expect(await ask(webhooks, 'POST', `/deliveries/${deliveryId}/redeliver`)).toMatchObject(refused)
    expect(await deliveries(ground.db)).toEqual(before)
  })

  it('refuses while webhooks are switched off, one and many', async () => {
    const webhooks = await ground.create()
    const deliveryId = await storeDelivery(ground.db)
    await ground.db.database.query('UPDATE webhook_settings SET disabled = true')
    const refused = { status: 409, body: { detail: expect.stringContaining('switched off') as string } }
    expect(await ask(webhooks, 'POST', `/deliveries/${deliveryId}/redeliver`)).toMatchObject(refused)
    expect(await ask(webhooks, 'POST', '/deliveries/redeliver', { status: 'dead' })).toMatchObject(refused)
    expect(await deliveries(ground.db)).toMatchObject([{ status: 'dead' }])
  })

  it('queues all that a filter matches, more than a batch, save what is being sent or has no body', async () => {
    const webhooks = await ground.create()
    await fill(1_203)
    const kept = [
      await storeDelivery(ground.db, { status: 'delivering' }),
      await storeDelivery(ground.db, { body: null }),
      await storeDelivery(ground.db, { hostKey: 'https://other.example.com:443' }),
      await storeDelivery(ground.db, { createdAt: new Date('2026-02-01T00:00:00.000Z') }),
    ]
    const filter = { host: 'example.com', created_after: '2026-03-01T00:00:00Z', status: null }
    const answer = await ask(webhooks, 'POST', '/deliveries/redeliver', filter)
    expect(answer).toEqual({ status: 200, body: { redelivered: 1_203 } })
    const rows = await deliveries(ground.db)
    expect(rows.filter(({ status }) => status === 'pending')).toHaveLength(1_203)
    const { rows: fresh } = await ground.db.database.query(
      `SELECT DISTINCT cycle_attempts, settled_at, give_up_at FROM webhook_deliveries WHERE status = 'pending'`,
    )
    expect(fresh).toEqual([{ cycle_attempts: 0, settled_at: null, give_up_at: lastMoment(webhooks) }])
    const left = rows.filter(({ deliveryId }) => kept.includes(deliveryId)).map(({ status }) => status)
    expect(left.toSorted()).toEqual(['dead', 'dead', 'dead', 'delivering'])
  })

  it('wakes the dispatcher for one, now', async () => {
    const webhooks = await asleep()
    const hostKey = `http://127.0.0.1:${ground.receiver.port}`
    const deliveryId = await storeDelivery(ground.db, { url: ground.receiver.url(), hostKey })
    expect((await ask(webhooks, 'POST', `/deliveries/${deliveryId}/redeliver`)).status).toBe(202)
    await settled(ground.db, ['delivered'])
  })

  it('wakes the dispatcher for what a filter matched', async () => {
    const webhooks = await asleep()
    const hostKey = `http://127.0.0.1:${ground.receiver.port}`
    for (let index = 0; index < 3; index += 1) await storeDelivery(ground.db, { url: ground.receiver.url(), hostKey })
    const answer = await ask(webhooks, 'POST', '/deliveries/redeliver', { status: 'dead' })
    expect(answer.body).toEqual({ redelivered: 3 })
    await settled(ground.db, ['delivered', 'delivered', 'delivered'])
  })

  it.each([
    [{}, 'at least one filter'],
    [{ status: null, host: null }, 'at least one filter'],
    // A variable of a shell that was not set: else all that is dead would be sent again.
    [{ status: 'dead', host: '' }, 'host: must not be empty'],
    [{ status: 'dead', run_id: '' }, 'run_id: must not be empty'],
    [{ status: 'dead', created_before: '' }, 'created_before: must not be empty'],
    [{ status: 'failed' }, 'status:'],
    [{ run_id: 'x' }, 'run ID'],
    [{ created_after: 3 }, 'created_after:'],
    [{ status: 'dead', created_after: 'soon' }, 'created_after:'],
    [{ status: 'dead', creatd_after: '2026-03-01T00:00:00Z' }, 'creatd_after'],
  ])('refuses the filter %j', async (filter, detail) => {
    const webhooks = await ground.create()
    await storeDelivery(ground.db)
    expect(await ask(webhooks, 'POST', '/deliveries/redeliver', filter)).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining(detail) as string },
    })
    expect(await deliveries(ground.db)).toMatchObject([{ status: 'dead' }])
  })

  it('answers 0 where nothing matches', async () => {
    const webhooks = await ground.create()
    const answer = await ask(webhooks, 'POST', '/deliveries/redeliver', { run_id: newId() })
    expect(answer).toEqual({ status: 200, body: { redelivered: 0 } })
  })

  it('leaves to an attempt under way what becomes of the delivery', async () => {
    let free = () => {}
    ground.receiver.answer({ status: 200, after: new Promise((resolve) => (free = () => resolve())) })
    const webhooks = await ground.start()
    await webhooks.finish({ webhook: ground.receiver.url() })
    const id = String((await ground.receiver.next()).headers['webhook-id'])
    for (const wish of ['redeliver', 'cancel']) {
      expect((await ask(webhooks, 'POST', `/deliveries/${id}/${wish}`)).status).toBe(409)
    }
    expect((await ask(webhooks, 'POST', '/deliveries/redeliver', { host: '127.0.0.1' })).body).toEqual({
      redelivered: 0,
    })
    free()
    await delivery(ground.db, { status: 'delivered', attempts: 1 })
    expect(ground.receiver.requests).toHaveLength(1)
  })

  /** A server that has looked for what is due: the clock stands still, so that only a signal makes it look again. */
  async function asleep(): Promise<WebhooksUnderTest> {
    const webhooks = await ground.create()
    const timers = webhooks.clock.waiting
    webhooks.dispatcher.start()
    // The look at the switch, and the sleep.
    await vi.waitUntil(() => webhooks.clock.waiting === timers + 2, { timeout: 10_000 })
    return webhooks
  }

  function lastMoment({ clock }: WebhooksUnderTest): Date {
    return new Date(clock.now().getTime() + 155_000 + 24 * 3_600_000)
  }

  async function fill(count: number): Promise<void> {
    await ground.db.database.query(
      `INSERT INTO webhook_deliveries (delivery_id, run_id, thread_id, assistant_id, url, host_key, body, run_status,
         thread_status, status, attempts, cycle_attempts, give_up_at, created_at, run_ended_at, settled_at)
       SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'https://example.com/',
         'https://example.com:443', 'x', 'success', 'idle', 'dead', 1, 1, at, at, at, at
       FROM (SELECT timestamptz '2026-03-01 12:00:00Z' AS at FROM generate_series(1, $1::integer)) AS filled`,
      [count],
    )
  }
})
