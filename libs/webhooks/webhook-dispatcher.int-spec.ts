import 'reflect-metadata'
import { subscribe } from 'node:diagnostics_channel'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#kernel'
import { FakeClock, Gate, openTestDatabase, Receiver, type TestDatabase } from '#testing'
import { Inspector } from './inspector/inspector.js'
import {
  allDelivered,
  attempts,
  deliveries,
  delivery,
  settled,
  type WebhooksChange,
  WebhooksUnderTest,
} from './webhooks.spec.support.js'

describe('the dispatcher', () => {
  let db: TestDatabase
  let receiver: Receiver
  let running: WebhooksUnderTest[]

  beforeAll(async () => {
    db = await openTestDatabase()
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.database.query('TRUNCATE webhook_deliveries CASCADE')
    receiver = await Receiver.start()
    running = []
  })
  afterEach(async () => {
    for (const webhooks of running) await webhooks.stop()
    await receiver.close()
  })

  async function start(change: WebhooksChange = {}): Promise<WebhooksUnderTest> {
    const webhooks = await WebhooksUnderTest.start(db, change)
    running.push(webhooks)
    return webhooks
  }

  it('sends a run that has ended, signed so that the official library verifies it', async () => {
    const key = Buffer.alloc(32, 9)
    // The official library refuses old timestamps: this one test runs at the time of the machine.
    const clock = new FakeClock(new Date())
    const webhooks = await start({ clock, webhooks: { secrets: [{ host: null, key }] } })
    const told: string[] = []
    webhooks.bus.afterCommit('webhook.delivered', 'spec', ({ runId }) => void told.push(runId))
    const runId = newId()
    await webhooks.finish({ webhook: receiver.url('/hook/../x?token=%zz'), runId, threadStatus: 'interrupted' })

    const request = await receiver.next()
    const { deliveryId, body } = await delivery(db, { status: 'delivered', attempts: 1, claimedBy: null })
    expect(request).toMatchObject({ method: 'POST', url: '/hook/../x?token=%zz', body })
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(request.body.length),
      'webhook-id': deliveryId,
      'x-signalbox-attempt': '1',
      'x-signalbox-thread-status': 'interrupted',
      'user-agent': expect.stringMatching(/^signalbox\/\d/) as string,
      'accept-encoding': 'identity',
    })
    const official = new Webhook(`whsec_${key.toString('base64')}`)
    const headers = request.headers as Record<string, string>
    expect(official.verify(request.body.toString(), headers)).toMatchObject({ run_id: runId, status: 'success' })
    expect(told).toEqual([runId])
  })

  it('keeps the beginning of the answer with the attempt', async () => {
    receiver.answer({ status: 201, body: `a\u0000b${'ü'.repeat(5000)}` })
    const webhooks = await start()
    await webhooks.finish({ webhook: receiver.url() })
    await delivery(db, { status: 'delivered', lastHttpStatus: 201 })
    const [attempt] = await attempts(db)
    expect(attempt).toMatchObject({ attempt: 1, httpStatus: 201, errorCode: null, startedAt: webhooks.clock.now() })
    expect(attempt?.responseBody).toMatch(/^abü+\uFFFD?$/)
    expect(attempt?.responseBody?.length).toBeLessThan(2060)
  })

  it('tries again by the schedule with the same bytes and id, a fresh time and the next attempt number', async () => {
    receiver.answer('reset', { status: 503 })
    const webhooks = await start()
    await webhooks.finish({ webhook: receiver.url() })
    await delivery(db, { status: 'pending', attempts: 1, lastHttpStatus: null, lastErrorCode: 'reset' })
    await webhooks.clock.advance(4_999)
    expect(receiver.requests).toHaveLength(1)
    await webhooks.clock.advance(1)
    await delivery(db, { status: 'pending', attempts: 2, lastHttpStatus: 503, lastErrorCode: 'status' })
    await webhooks.clock.advance(30_000)
    await delivery(db, { status: 'delivered', attempts: 3, lastErrorCode: null })

    const [first, second, third] = receiver.requests
    expect(second?.body).toEqual(first?.body)
    expect(third?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(receiver.requests.map(({ headers }) => headers['x-signalbox-attempt'])).toEqual(['1', '2', '3'])
    const times = receiver.requests.map(({ headers }) => Number(headers['webhook-timestamp']))
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 5, 35])
  })

  it('is dead after the last scheduled attempt, and says so', async () => {
    receiver.otherwise({ status: 500 })
    const webhooks = await start({ webhooks: { retryScheduleMs: [1000] } })
    const died: string[] = []
    webhooks.bus.afterCommit('webhook.died', 'spec', ({ deliveryId }) => void died.push(deliveryId))
    await webhooks.finish({ webhook: receiver.url() })
    await delivery(db, { status: 'pending', attempts: 1 })
    await webhooks.clock.advance(1000)
    const { deliveryId } = await delivery(db, { status: 'dead', attempts: 2, lastHttpStatus: 500, nextAttemptAt: null })
    expect(died).toEqual([deliveryId])
  })

  it.each([
    ['410', { status: 410 }, 'status'],
    ['an abort-message', { status: 500, headers: { 'webhook-delivery': 'abort-message' } }, 'abort_message'],
  ])('is dead at once by %s', async (_name, answer, lastErrorCode) => {
    receiver.answer(answer)
    const webhooks = await start()
    await webhooks.finish({ webhook: receiver.url() })
    await delivery(db, { status: 'dead', attempts: 1, lastErrorCode })
  })

  it('never follows a redirect', async () => {
    receiver.answer({ status: 302, headers: { location: receiver.url('/elsewhere') } })
    const webhooks = await start()
    await webhooks.finish({ webhook: receiver.url() })
    await delivery(db, { status: 'pending', lastErrorCode: 'redirect', lastHttpStatus: 302 })
    expect(receiver.requests).toHaveLength(1)
  })

  it('gives a receiver that hangs the whole deadline and no more', async () => {
    receiver.answer('hang')
    const webhooks = await start()
    await webhooks.finish({ webhook: receiver.url() })
    await receiver.next()
    await webhooks.clock.advance(9_999)
    expect(await deliveries(db)).toMatchObject([{ status: 'delivering' }])
    await webhooks.clock.advance(1)
    await delivery(db, { status: 'pending', lastErrorCode: 'timeout', attempts: 1 })
    expect(await attempts(db)).toMatchObject([{ durationMs: 10_000, httpStatus: null, errorCode: 'timeout' }])
  })

  it('takes a 2xx for an answer although its body breaks off', async () => {
    receiver.answer('early-close')
    const webhooks = await start()
    await webhooks.finish({ webhook: receiver.url() })
    await delivery(db, { status: 'delivered', lastHttpStatus: 200 })
    expect(await attempts(db)).toMatchObject([{ responseBody: 'half' }])
  })

  it('cuts a body that drips at the deadline: the 2xx has arrived', async () => {
    receiver.answer('drip')
    const webhooks = await start()
    const answered = new Promise((resolve) => subscribe('http.client.response.finish', resolve))
    await webhooks.finish({ webhook: receiver.url() })
    await answered
    await webhooks.clock.advance(9_999)
    expect(await deliveries(db)).toMatchObject([{ status: 'delivering' }])
    await webhooks.clock.advance(1)
    await delivery(db, { status: 'delivered', lastHttpStatus: 200 })
  })

  it('connects to the address that was judged, under the name of the URL', async () => {
    const webhooks = await start({ names: { 'hooks.example.com': ['127.0.0.1'] } })
    await webhooks.finish({ webhook: `http://hooks.example.com:${receiver.port}/in` })
    expect((await receiver.next()).headers.host).toBe(`hooks.example.com:${receiver.port}`)
    await delivery(db, { status: 'delivered' })
  })

  it.each([
    ['a name that does not resolve', 'nowhere.example.com', 'dns'],
    ['a name with one forbidden address', 'two-faced.example.com', 'blocked'],
  ])('tries again for %s', async (_name, host, lastErrorCode) => {
    const webhooks = await start({ names: { 'two-faced.example.com': ['127.0.0.1', '169.254.169.254'] } })
    await webhooks.finish({ webhook: `http://${host}:${receiver.port}/` })
    await delivery(db, { status: 'pending', attempts: 1, lastErrorCode })
    expect(receiver.requests).toEqual([])
  })

  it('gives up at once where the rules refuse the URL by now', async () => {
    const webhooks = await start({ webhooks: { url: { requireHttps: true } } })
    await webhooks.finish({ webhook: receiver.url() })
    await delivery(db, { status: 'dead', lastErrorCode: 'forbidden', attempts: 1 })
    expect(receiver.requests).toEqual([])
  })

  it('hands a path to the inspector, and fails with 404 where no bin is named', async () => {
    const webhooks = await start()
    await webhooks.finish({ webhook: '/inspector/box?x=1' })
    await delivery(db, { status: 'delivered', lastHttpStatus: 200 })
    expect(webhooks.app.get(Inspector).requests('box')).toMatchObject([{ method: 'POST', query: 'x=1' }])
    await db.database.query('TRUNCATE webhook_deliveries CASCADE')
    await webhooks.finish({ webhook: '/somewhere' })
    await delivery(db, { status: 'pending', lastHttpStatus: 404 })
  })

  it('opens no more requests to one host than it may, and lets other hosts pass', async () => {
    const other = await Receiver.start()
    const gate = new Gate()
    receiver.otherwise({ status: 200, after: gate.opened })
    const webhooks = await start({ webhooks: { perHost: 2, concurrency: 4 } })
    for (let n = 0; n < 5; n += 1) await webhooks.finish({ webhook: receiver.url() })
    await receiver.waitFor(2)
    await webhooks.finish({ webhook: other.url() })
    await other.waitFor(1)
    expect(receiver.requests).toHaveLength(2)
    gate.open()
    await receiver.waitFor(5)
    await other.close()
  })

  /** So many more deliveries like the only one there is, to hosts that `hostKey` names in SQL by `n`. */
  async function multiply(count: number, hostKey = 'host_key'): Promise<void> {
    await db.database.query(`
      INSERT INTO webhook_deliveries (delivery_id, run_id, thread_id, assistant_id, url, host_key, body, run_status,
        thread_status, status, next_attempt_at, give_up_at, created_at, run_ended_at)
      SELECT gen_random_uuid(), run_id, thread_id, assistant_id, url, ${hostKey}, body, run_status, thread_status,
        status, next_attempt_at, give_up_at, created_at, run_ended_at
      FROM webhook_deliveries, generate_series(1, ${count}) AS n`)
  }

  it('reaches a healthy host behind ten thousand for one that hangs, without waiting for any of them', async () => {
    const stuck = await Receiver.start()
    stuck.otherwise('hang')
    const webhooks = await WebhooksUnderTest.create(db)
    running.push(webhooks)
    await webhooks.app.init()
    await webhooks.finish({ webhook: stuck.url() })
    await multiply(9_999)
    await webhooks.clock.advance(1)
    await webhooks.finish({ webhook: receiver.url() })
    webhooks.dispatcher.start()
    // The clock stands still: no request to the host that hangs ends by its deadline.
    await receiver.waitFor(1)
    await stuck.waitFor(16)
    await webhooks.stop()
    running = []
    await stuck.close()
  })

  it('reaches a healthy host although so many others hang that they could take every slot', async () => {
    const stuck = await Promise.all(Array.from({ length: 4 }, () => Receiver.start()))
    const webhooks = await start({ webhooks: { concurrency: 16, perHost: 4 } })
    for (const host of stuck) {
      host.otherwise('hang')
      for (let n = 0; n < 6; n += 1) await webhooks.finish({ webhook: host.url() })
    }
    await Promise.all(stuck.map((host) => host.waitFor(1)))
    await webhooks.finish({ webhook: receiver.url() })
    await receiver.waitFor(1)
    await webhooks.stop()
    running = []
    await Promise.all(stuck.map((host) => host.close()))
  })

  it('looks at all hosts in turn where more wait than one claim looks at', async () => {
    const webhooks = await WebhooksUnderTest.create(db)
    running.push(webhooks)
    await webhooks.app.init()
    await webhooks.finish({ webhook: 'http://nowhere.example.com/' })
    await multiply(1_200, "'http://' || n || '.example.com:80'")
    await db.database.query("UPDATE webhook_deliveries SET next_attempt_at = next_attempt_at + interval '1 h'")
    await webhooks.finish({ webhook: receiver.url() })
    await db.database.query("UPDATE webhook_deliveries SET host_key = 'http://zzz' WHERE url = $1", [receiver.url()])
    webhooks.dispatcher.start()
    await receiver.waitFor(1)
  })

  it('claims ahead for a host that answers at once, and sends each delivery once', async () => {
    const webhooks = await WebhooksUnderTest.create(db)
    running.push(webhooks)
    await webhooks.app.init()
    await webhooks.finish({ webhook: receiver.url() })
    await multiply(599)
    webhooks.dispatcher.start()
    await receiver.waitFor(600)
    await allDelivered(db, 600)
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(600)
    expect(receiver.requests).toHaveLength(600)
  })

  it('hands back what waits in line when it must stop, its attempt not counted', async () => {
    receiver.answer(...Array<{ status: number }>(40).fill({ status: 200 })).otherwise('hang')
    const webhooks = await WebhooksUnderTest.create(db)
    await webhooks.app.init()
    await webhooks.finish({ webhook: receiver.url() })
    await multiply(199)
    webhooks.dispatcher.start()
    await receiver.waitFor(56)
    await webhooks.stop(0)
    const rows = await deliveries(db)
    expect(rows.filter(({ status }) => status === 'delivered')).toHaveLength(40)
    const others = rows.filter(({ status }) => status !== 'delivered')
    expect(others.every(({ status, attempts: count }) => status === 'pending' && count === 0)).toBe(true)
  })

  it('reads a large body when its turn comes', async () => {
    const webhooks = await start()
    await webhooks.finish({ webhook: receiver.url(), valuesJson: JSON.stringify({ text: 'x'.repeat(200_000) }) })
    const { body } = await delivery(db, { status: 'delivered' })
    expect((await receiver.next()).body.equals(body ?? Buffer.alloc(0))).toBe(true)
    expect(body?.length).toBeGreaterThan(200_000)
  })

  it('takes up what a dead process left, its attempt counted', async () => {
    const first = await WebhooksUnderTest.create(db)
    running.push(first)
    await first.app.init()
    await first.finish({ webhook: receiver.url() })
    await db.database.query(
      `UPDATE webhook_deliveries SET status = 'delivering', claimed_by = 'dead', attempts = 1, cycle_attempts = 1,
         lease_until = $1`,
      [new Date(first.clock.now().getTime() + 7_000)],
    )
    first.dispatcher.start()
    await first.clock.advance(6_000)
    expect(receiver.requests).toEqual([])
    await first.clock.advance(5_000)
    expect((await receiver.next()).headers['x-signalbox-attempt']).toBe('2')
    await delivery(db, { status: 'delivered', attempts: 2 })
  })

  it('takes up at once what a former process was sending, where it alone holds the database', async () => {
    const webhooks = await WebhooksUnderTest.create(db)
    running.push(webhooks)
    await webhooks.app.init()
    await webhooks.finish({ webhook: receiver.url() })
    await db.database.query(
      `UPDATE webhook_deliveries SET status = 'delivering', claimed_by = 'dead', attempts = 1, cycle_attempts = 1,
         lease_until = $1`,
      [new Date(webhooks.clock.now().getTime() + 40_000)],
    )
    await webhooks.dispatcher.takeOver()
    webhooks.dispatcher.start()
    expect((await receiver.next()).headers['x-signalbox-attempt']).toBe('2')
    await delivery(db, { status: 'delivered', attempts: 2 })
  })

  it.each([
    ['whose lease has run out', -1, false],
    ['of a former process', 40_000, true],
  ])('ends a delivery %s when that was its last attempt', async (_name, leaseMs, takesOver) => {
    const webhooks = await WebhooksUnderTest.create(db, { webhooks: { retryScheduleMs: [1000, 1000] } })
    running.push(webhooks)
    await webhooks.app.init()
    const died: string[] = []
    webhooks.bus.afterCommit('webhook.died', 'spec', ({ deliveryId }) => void died.push(deliveryId))
    for (const path of ['/second', '/third']) await webhooks.finish({ webhook: receiver.url(path) })
    await db.database.query(
      `UPDATE webhook_deliveries SET status = 'delivering', claimed_by = 'dead', lease_until = $1,
         attempts = CASE WHEN url LIKE '%second' THEN 2 ELSE 3 END,
         cycle_attempts = CASE WHEN url LIKE '%second' THEN 2 ELSE 3 END`,
      [new Date(webhooks.clock.now().getTime() + leaseMs)],
    )
    if (takesOver) await webhooks.dispatcher.takeOver()
    webhooks.dispatcher.start()
    expect((await receiver.next()).url).toBe('/second')
    await settled(db, ['dead', 'delivered'])
    const rows = await deliveries(db)
    expect(rows.find(({ status }) => status === 'dead')).toMatchObject({ attempts: 3, lastErrorCode: 'lost' })
    expect(died).toEqual(rows.filter(({ status }) => status === 'dead').map(({ deliveryId }) => deliveryId))
    expect(receiver.requests).toHaveLength(1)
  })

  it('sends what waited for its first attempt past the last moment, and ends what was tried', async () => {
    const webhooks = await WebhooksUnderTest.create(db)
    running.push(webhooks)
    await webhooks.app.init()
    await webhooks.finish({ webhook: receiver.url('/tried') })
    await db.database.query('UPDATE webhook_deliveries SET attempts = 1, cycle_attempts = 1')
    await webhooks.clock.advance(1)
    await webhooks.finish({ webhook: receiver.url('/untried') })
    await webhooks.clock.advance(30 * 86_400_000)
    webhooks.dispatcher.start()
    expect((await receiver.next()).url).toBe('/untried')
    await delivery(db, { status: 'dead', attempts: 1 })
    expect(receiver.requests).toHaveLength(1)
  })

  it('hands back what is open when it must stop, its attempt not counted', async () => {
    receiver.answer('hang')
    const first = await start()
    await first.finish({ webhook: receiver.url() })
    await receiver.next()
    await first.stop(0)
    running = []
    expect(await deliveries(db)).toMatchObject([{ status: 'pending', attempts: 0, claimedBy: null }])
    await start()
    expect((await receiver.next()).headers['x-signalbox-attempt']).toBe('1')
    await delivery(db, { status: 'delivered', attempts: 1 })
  })

  it('leaves no timer behind when it has stopped', async () => {
    const webhooks = await start()
    await webhooks.finish({ webhook: receiver.url() })
    await delivery(db, { status: 'delivered' })
    await webhooks.stop(60_000)
    running = []
    expect(webhooks.clock.waiting).toBe(0)
  })

  it('waits for open requests while the grace lasts, and claims nothing more', async () => {
    const gate = new Gate()
    receiver.answer({ status: 200, after: gate.opened })
    const webhooks = await start()
    await webhooks.finish({ webhook: receiver.url() })
    await receiver.next()
    const stopped = webhooks.stop(60_000)
    running = []
    await webhooks.finish({ webhook: receiver.url() })
    gate.open()
    await stopped
    const rows = await deliveries(db)
    expect(rows.map(({ status }) => status).toSorted()).toEqual(['delivered', 'pending'])
    expect(receiver.requests).toHaveLength(1)
  })

  it('sends each delivery once although two dispatchers share the table', async () => {
    const webhooks = await start()
    await start()
    for (let n = 0; n < 60; n += 1) await webhooks.finish({ webhook: receiver.url(`/${n}`) })
    await receiver.waitFor(60)
    await allDelivered(db, 60)
    expect(new Set(receiver.requests.map(({ url }) => url)).size).toBe(60)
    expect(receiver.requests).toHaveLength(60)
  })

  it('rests while webhooks are off: pending ones stay', async () => {
    const before = await WebhooksUnderTest.create(db)
    running.push(before)
    await before.app.init()
    await before.finish({ webhook: receiver.url() })
    const off = await start({ webhooks: { disabled: true } })
    await off.clock.advance(60_000)
    expect(await deliveries(db)).toMatchObject([{ status: 'pending', attempts: 0 }])
    expect(receiver.requests).toEqual([])
  })
})
