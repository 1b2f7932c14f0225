import 'reflect-metadata'
import { subscribe } from 'node:diagnostics_channel'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it, vi } from 'vitest'
import { newId } from '#kernel'
import { FakeClock, Gate, Receiver } from '#testing'
import { Inspector } from './inspector/inspector.js'
import { WebhooksRepository } from './webhooks.repository.js'
import { WebhookGround } from './webhook-ground.spec.support.js'
import { allDelivered, attempts, deliveries, delivery, isAllDelivered, settled } from './webhooks.spec.support.js'

describe('the dispatcher', () => {
  const ground = WebhookGround.use()

  it('sends a run that has ended, signed so that the official library verifies it', async () => {
    const key = Buffer.alloc(32, 9)
    // The official library refuses old timestamps: this one test runs at the time of the machine.
    const clock = new FakeClock(new Date())
    const webhooks = await ground.start({ clock, webhooks: { secrets: [{ host: null, key }] } })
    const told: string[] = []
    webhooks.bus.afterCommit('webhook.delivered', 'spec', ({ runId }) => void told.push(runId))
    const runId = newId()
    await webhooks.finish({ webhook: ground.receiver.url('/hook/../x?token=%zz'), runId, threadStatus: 'interrupted' })

    const request = await ground.receiver.next()
    const { deliveryId, body } = await delivery(ground.db, { status: 'delivered', attempts: 1, claimedBy: null })
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
    ground.receiver.answer({ status: 201, body: `a\u0000b${'ü'.repeat(5000)}` })
    const webhooks = await ground.start()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await delivery(ground.db, { status: 'delivered', lastHttpStatus: 201 })
    const [attempt] = await attempts(ground.db)
    expect(attempt).toMatchObject({ attempt: 1, httpStatus: 201, errorCode: null, startedAt: webhooks.clock.now() })
    expect(attempt?.responseBody).toMatch(/^abü+\uFFFD?$/)
    expect(attempt?.responseBody?.length).toBeLessThan(2060)
  })

  it('keeps no secret that the receiver answers with', async () => {
    ground.receiver.otherwise(({ headers }) => ({
      status: 500,
      body: JSON.stringify(headers).replaceAll('/', '\\/'),
    }))
    const headers = [
      { name: 'Authorization', value: 'Bearer s3same/open ', filled: ['s3same/open '] },
      { name: 'X-Environment', value: 'production', filled: [] },
    ]
    const webhooks = await ground.start({ webhooks: { headers } })
    await webhooks.finish({ webhook: ground.receiver.url() })
    expect((await ground.receiver.next()).headers).toMatchObject({ authorization: 'Bearer s3same/open' })
    await delivery(ground.db, { status: 'pending', attempts: 1, lastHttpStatus: 500 })
    const [attempt] = await attempts(ground.db)
    expect(JSON.parse(attempt?.responseBody ?? '')).toMatchObject({
      authorization: 'Bearer ***',
      'x-environment': 'production',
    })
  })

  it('tries again by the schedule with the same bytes and id, a fresh time and the next attempt number', async () => {
    ground.receiver.answer('reset', { status: 503 })
    const webhooks = await ground.start()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await delivery(ground.db, { status: 'pending', attempts: 1, lastHttpStatus: null, lastErrorCode: 'reset' })
    await webhooks.clock.advance(4_999)
    expect(ground.receiver.requests).toHaveLength(1)
    await webhooks.clock.advance(1)
    await delivery(ground.db, { status: 'pending', attempts: 2, lastHttpStatus: 503, lastErrorCode: 'status' })
    await webhooks.clock.advance(30_000)
    await delivery(ground.db, { status: 'delivered', attempts: 3, lastErrorCode: null })

    const [first, second, third] = ground.receiver.requests
    expect(second?.body).toEqual(first?.body)
    expect(third?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(ground.receiver.requests.map(({ headers }) => headers['x-signalbox-attempt'])).toEqual(['1', '2', '3'])
    const times = ground.receiver.requests.map(({ headers }) => Number(headers['webhook-timestamp']))
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 5, 35])
  })

  it('is dead after the last scheduled attempt, and says so', async () => {
    ground.receiver.otherwise({ status: 500 })
    const webhooks = await ground.start({ webhooks: { retryScheduleMs: [1000] } })
    const died: string[] = []
    webhooks.bus.afterCommit('webhook.died', 'spec', ({ deliveryId }) => void died.push(deliveryId))
    await webhooks.finish({ webhook: ground.receiver.url() })
    await delivery(ground.db, { status: 'pending', attempts: 1 })
    await webhooks.clock.advance(1000)
    const { deliveryId } = await delivery(ground.db, {
      status: 'dead',
      attempts: 2,
      lastHttpStatus: 500,
      nextAttemptAt: null,
    })
    expect(died).toEqual([deliveryId])
  })

  it.each([
    ['410', { status: 410 }, 'status'],
    ['an abort-message', { status: 500, headers: { 'webhook-delivery': 'abort-message' } }, 'abort_message'],
    // As a header sent twice arrives (RFC 9110, 5.3).
    [
      'an abort-message twice',
      { status: 500, headers: { 'webhook-delivery': 'Abort-Message, abort-message' } },
      'abort_message',
    ],
  ])('is dead at once by %s', async (_name, answer, lastErrorCode) => {
    ground.receiver.answer(answer)
    const webhooks = await ground.start()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await delivery(ground.db, { status: 'dead', attempts: 1, lastErrorCode })
  })

  it('never follows a redirect', async () => {
    ground.receiver.answer({ status: 302, headers: { location: ground.receiver.url('/elsewhere') } })
    const webhooks = await ground.start()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await delivery(ground.db, { status: 'pending', lastErrorCode: 'redirect', lastHttpStatus: 302 })
    expect(ground.receiver.requests).toHaveLength(1)
  })

  it('gives a receiver that hangs the whole deadline and no more', async () => {
    ground.receiver.answer('hang')
    const webhooks = await ground.start()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await ground.receiver.next()
    await webhooks.clock.advance(9_999)
    expect(await deliveries(ground.db)).toMatchObject([{ status: 'delivering' }])
    await webhooks.clock.advance(1)
    await delivery(ground.db, { status: 'pending', lastErrorCode: 'timeout', attempts: 1 })
    expect(await attempts(ground.db)).toMatchObject([{ durationMs: 10_000, httpStatus: null, errorCode: 'timeout' }])
  })

  it('takes a 2xx for an answer although its body breaks off', async () => {
    ground.receiver.answer('early-close')
    const webhooks = await ground.start()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await delivery(ground.db, { status: 'delivered', lastHttpStatus: 200 })
    expect(await attempts(ground.db)).toMatchObject([{ responseBody: 'half' }])
  })

  it('cuts a body that drips at the deadline: the 2xx has arrived', async () => {
    ground.receiver.answer('drip')
    const webhooks = await ground.start()
    const answered = new Promise((resolve) => subscribe('http.client.response.finish', resolve))
    await webhooks.finish({ webhook: ground.receiver.url() })
    await answered
    await webhooks.clock.advance(9_999)
    expect(await deliveries(ground.db)).toMatchObject([{ status: 'delivering' }])
    await webhooks.clock.advance(1)
    await delivery(ground.db, { status: 'delivered', lastHttpStatus: 200 })
  })

  it('connects to the address that was judged, under the name of the URL', async () => {
    const webhooks = await ground.start({ names: { 'hooks.example.com': ['127.0.0.1'] } })
    await webhooks.finish({ webhook: `http://hooks.example.com:${ground.receiver.port}/in` })
    expect((await ground.receiver.next()).headers.host).toBe(`hooks.example.com:${ground.receiver.port}`)
    await delivery(ground.db, { status: 'delivered' })
  })

  it.each([
    ['a name that does not resolve', 'nowhere.example.com', 'dns'],
    ['a name with one forbidden address', 'two-faced.example.com', 'blocked'],
  ])('tries again for %s', async (_name, host, lastErrorCode) => {
    const webhooks = await ground.start({ names: { 'two-faced.example.com': ['127.0.0.1', '169.254.169.254'] } })
    await webhooks.finish({ webhook: `http://${host}:${ground.receiver.port}/` })
    await delivery(ground.db, { status: 'pending', attempts: 1, lastErrorCode })
    expect(ground.receiver.requests).toEqual([])
  })

  it('gives up at once where the rules refuse the URL by now', async () => {
    const webhooks = await ground.start({ webhooks: { url: { requireHttps: true } } })
    await webhooks.finish({ webhook: ground.receiver.url() })
    const { deliveryId } = await delivery(ground.db, { status: 'dead', lastErrorCode: 'blocked', attempts: 1 })
    expect(ground.receiver.requests).toEqual([])
    const shown = await webhooks.app.inject({
      url: `/webhooks/deliveries/${deliveryId}`,
      headers: { host: 'localhost:8123' },
    })
    expect(shown.json()).toMatchObject({
      attempts: [{ error_code: 'blocked', reason: expect.stringContaining('webhooks.url.require_https') as string }],
    })
  })

  it('hands a path to the inspector, and fails with 404 where no bin is named', async () => {
    const webhooks = await ground.start()
    await webhooks.finish({ webhook: '/inspector/box?x=1' })
    await delivery(ground.db, { status: 'delivered', lastHttpStatus: 200 })
    expect(webhooks.app.get(Inspector).requests('box')).toMatchObject([{ method: 'POST', query: 'x=1' }])
    await ground.db.database.query('TRUNCATE webhook_deliveries CASCADE')
    await webhooks.finish({ webhook: '/somewhere' })
    await delivery(ground.db, { status: 'pending', lastHttpStatus: 404 })
  })

  it('opens no more requests to one host than it may, and lets other hosts pass', async () => {
    const other = await Receiver.start()
    const gate = new Gate()
    ground.receiver.otherwise({ status: 200, after: gate.opened })
    const webhooks = await ground.start({ webhooks: { perHost: 2, concurrency: 4 } })
    for (let n = 0; n < 5; n += 1) await webhooks.finish({ webhook: ground.receiver.url() })
    await ground.receiver.waitFor(2)
    await webhooks.finish({ webhook: other.url() })
    await other.waitFor(1)
    expect(ground.receiver.requests).toHaveLength(2)
    gate.open()
    await ground.receiver.waitFor(5)
    await other.close()
  })

  /** So many more deliveries like the only one there is, to hosts that `hostKey` names in SQL by `n`. */
  async function multiply(count: number, hostKey = 'host_key'): Promise<void> {
    await ground.db.database.query(`
      INSERT INTO webhook_deliveries (delivery_id, run_id, thread_id, assistant_id, url, host_key, body, run_status,
        thread_status, status, next_attempt_at, give_up_at, created_at, run_ended_at)
      SELECT gen_random_uuid(), run_id, thread_id, assistant_id, url, ${hostKey}, body, run_status, thread_status,
        status, next_attempt_at, give_up_at, created_at, run_ended_at
      FROM webhook_deliveries, generate_series(1, ${count}) AS n`)
  }

  /** Resolves once so many are claimed. */
  async function delivering(count: number): Promise<void> {
    const statuses = async () => (await deliveries(ground.db)).filter(({ status }) => status === 'delivering').length
    await expect.poll(statuses, { timeout: 10_000, interval: 20 }).toBe(count)
  }

  it('reaches a healthy host behind ten thousand for one that hangs, without waiting for any of them', async () => {
    const stuck = await Receiver.start()
    stuck.otherwise('hang')
    const webhooks = await ground.create()
    await webhooks.finish({ webhook: stuck.url() })
    await multiply(9_999)
    await webhooks.clock.advance(1)
    await webhooks.finish({ webhook: ground.receiver.url() })
    webhooks.dispatcher.start()
    // The clock stands still: no request to the host that hangs ends by its deadline.
    await ground.receiver.waitFor(1)
    await stuck.waitFor(16)
    await ground.stopAll()
    await stuck.close()
  })

  it('reaches a healthy host although so many others hang that they could take every slot', async () => {
    const stuck = await Promise.all(Array.from({ length: 4 }, () => Receiver.start()))
    const webhooks = await ground.start({ webhooks: { concurrency: 16, perHost: 4 } })
    for (const host of stuck) {
      host.otherwise('hang')
      for (let n = 0; n < 6; n += 1) await webhooks.finish({ webhook: host.url() })
    }
    await Promise.all(stuck.map((host) => host.waitFor(1)))
    await webhooks.finish({ webhook: ground.receiver.url() })
    await ground.receiver.waitFor(1)
    await ground.stopAll()
    await Promise.all(stuck.map((host) => host.close()))
  })

  it('looks at all hosts in turn where more wait than one claim looks at', async () => {
    const webhooks = await ground.create()
    await webhooks.finish({ webhook: 'http://nowhere.example.com/' })
    await multiply(1_200, "'http://' || n || '.example.com:80'")
    await ground.db.database.query("UPDATE webhook_deliveries SET next_attempt_at = next_attempt_at + interval '1 h'")
    await webhooks.finish({ webhook: ground.receiver.url() })
    await ground.db.database.query("UPDATE webhook_deliveries SET host_key = 'http://zzz' WHERE url = $1", [
      ground.receiver.url(),
    ])
    webhooks.dispatcher.start()
    await ground.receiver.waitFor(1)
  })

  it('sleeps while it holds all that it can hold, though there are hosts that it has not looked at', async () => {
    ground.receiver.otherwise('hang')
    const webhooks = await ground.create({ webhooks: { concurrency: 4, perHost: 1 } })
    await webhooks.finish({ webhook: ground.receiver.url() })
    await multiply(1_200, "'http://' || n || '.example.com:80'")
    webhooks.dispatcher.start()
    await ground.receiver.waitFor(4)
    await delivering(516)
    const looks = vi.spyOn(webhooks.clock, 'now')
    for (let turn = 0; turn < 100; turn += 1) await nextTurn()
    expect(looks.mock.calls.length).toBeLessThan(20)
    looks.mockRestore()
  })

  it('claims ahead for a host that answers at once, and sends each delivery once', async () => {
    const webhooks = await ground.create()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await multiply(599)
    webhooks.dispatcher.start()
    await ground.receiver.waitFor(600)
    await allDelivered(ground.db, 600)
    expect(new Set(ground.receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(600)
    expect(ground.receiver.requests).toHaveLength(600)
  })

  it('claims no more while what was answered cannot be stored, and goes on afterwards', async () => {
    const webhooks = await ground.create()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await multiply(999)
    const away = vi.spyOn(webhooks.app.get(WebhooksRepository), 'storeOutcomes').mockRejectedValue(new Error('away'))
    webhooks.dispatcher.start()
    await ground.receiver.waitFor(640)
    // Until each has been refused and waits for its next try: one that is refused later would wait for longer.
    while (webhooks.clock.waiting < 640) await nextTurn()
    await webhooks.clock.advance(500)
    expect(ground.receiver.requests).toHaveLength(640)
    away.mockRestore()
    // In steps: an outcome that a slow database was refused last waits from then on.
    for (let step = 0; step < 20 && !(await isAllDelivered(ground.db, 1_000)); step += 1) {
      await webhooks.clock.advance(1_000)
    }
    await allDelivered(ground.db, 1_000)
    expect(ground.receiver.requests).toHaveLength(1_000)
  })

  it('hands back what waits in line when it must stop, its attempt not counted', async () => {
    ground.receiver.answer(...Array<{ status: number }>(40).fill({ status: 200 })).otherwise('hang')
    const webhooks = await ground.create()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await multiply(199)
    webhooks.dispatcher.start()
    await ground.receiver.waitFor(56)
    await ground.stopAll(0)
    const rows = await deliveries(ground.db)
    expect(rows.filter(({ status }) => status === 'delivered')).toHaveLength(40)
    const others = rows.filter(({ status }) => status !== 'delivered')
    expect(others.every(({ status, attempts: count }) => status === 'pending' && count === 0)).toBe(true)
  })

  it('reads a large body when its turn comes', async () => {
    const webhooks = await ground.start()
    await webhooks.finish({ webhook: ground.receiver.url(), valuesJson: JSON.stringify({ text: 'x'.repeat(200_000) }) })
    const { body } = await delivery(ground.db, { status: 'delivered' })
    expect((await ground.receiver.next()).body.equals(body ?? Buffer.alloc(0))).toBe(true)
    expect(body?.length).toBeGreaterThan(200_000)
  })

  it('takes up what a dead process left, its attempt counted', async () => {
    const first = await ground.create()
    await first.finish({ webhook: ground.receiver.url() })
    await ground.db.database.query(
      `UPDATE webhook_deliveries SET status = 'delivering', claimed_by = 'dead', attempts = 1, cycle_attempts = 1,
         lease_until = $1`,
      [new Date(first.clock.now().getTime() + 7_000)],
    )
    first.dispatcher.start()
    await first.clock.advance(6_000)
    expect(ground.receiver.requests).toEqual([])
    // By its next look; a slow database may have kept it from going to sleep before the time was moved.
    for (let tenth = 0; tenth < 100 && ground.receiver.requests.length === 0; tenth += 1) {
      await first.clock.advance(100)
      await ground.db.database.query('SELECT 1')
    }
    expect((await ground.receiver.next()).headers['x-signalbox-attempt']).toBe('2')
    await delivery(ground.db, { status: 'delivered', attempts: 2 })
  })

  it('takes up at once what a former process was sending, where it alone holds the database', async () => {
    const webhooks = await ground.create()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await ground.db.database.query(
      `UPDATE webhook_deliveries SET status = 'delivering', claimed_by = 'dead', attempts = 1, cycle_attempts = 1,
         lease_until = $1`,
      [new Date(webhooks.clock.now().getTime() + 40_000)],
    )
    await webhooks.dispatcher.takeOver()
    webhooks.dispatcher.start()
    expect((await ground.receiver.next()).headers['x-signalbox-attempt']).toBe('2')
    await delivery(ground.db, { status: 'delivered', attempts: 2 })
  })

  it.each([
    ['whose lease has run out', -1, false],
    ['of a former process', 40_000, true],
  ])('ends a delivery %s when that was its last attempt', async (_name, leaseMs, takesOver) => {
    const webhooks = await ground.create({ webhooks: { retryScheduleMs: [1000, 1000] } })
    const died: string[] = []
    webhooks.bus.afterCommit('webhook.died', 'spec', ({ deliveryId }) => void died.push(deliveryId))
    for (const path of ['/second', '/third']) await webhooks.finish({ webhook: ground.receiver.url(path) })
    await ground.db.database.query(
      `UPDATE webhook_deliveries SET status = 'delivering', claimed_by = 'dead', lease_until = $1,
         attempts = CASE WHEN url LIKE '%second' THEN 2 ELSE 3 END,
         cycle_attempts = CASE WHEN url LIKE '%second' THEN 2 ELSE 3 END`,
      [new Date(webhooks.clock.now().getTime() + leaseMs)],
    )
    if (takesOver) await webhooks.dispatcher.takeOver()
    webhooks.dispatcher.start()
    expect((await ground.receiver.next()).url).toBe('/second')
    await settled(ground.db, ['dead', 'delivered'])
    const rows = await deliveries(ground.db)
    expect(rows.find(({ status }) => status === 'dead')).toMatchObject({ attempts: 3, lastErrorCode: 'lost' })
    expect(died).toEqual(rows.filter(({ status }) => status === 'dead').map(({ deliveryId }) => deliveryId))
    expect(ground.receiver.requests).toHaveLength(1)
  })

  it('sends what waited for its first attempt past the last moment, and ends what was tried', async () => {
    const webhooks = await ground.create()
    await webhooks.finish({ webhook: ground.receiver.url('/tried') })
    await ground.db.database.query('UPDATE webhook_deliveries SET attempts = 1, cycle_attempts = 1')
    await webhooks.clock.advance(1)
    await webhooks.finish({ webhook: ground.receiver.url('/untried') })
    await webhooks.clock.advance(30 * 86_400_000)
    webhooks.dispatcher.start()
    expect((await ground.receiver.next()).url).toBe('/untried')
    await delivery(ground.db, { status: 'dead', attempts: 1 })
    expect(ground.receiver.requests).toHaveLength(1)
  })

  it('hands back what is open when it must stop, its attempt not counted', async () => {
    ground.receiver.answer('hang')
    const first = await ground.start()
    await first.finish({ webhook: ground.receiver.url() })
    await ground.receiver.next()
    await ground.stopAll(0)
    expect(await deliveries(ground.db)).toMatchObject([{ status: 'pending', attempts: 0, claimedBy: null }])
    await ground.start()
    expect((await ground.receiver.next()).headers['x-signalbox-attempt']).toBe('1')
    await delivery(ground.db, { status: 'delivered', attempts: 1 })
  })

  it('leaves no timer behind when it has stopped', async () => {
    const webhooks = await ground.start()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await delivery(ground.db, { status: 'delivered' })
    await ground.stopAll(60_000)
    expect(webhooks.clock.waiting).toBe(0)
  })

  it('waits for open requests while the grace lasts, and claims nothing more', async () => {
    const gate = new Gate()
    ground.receiver.answer({ status: 200, after: gate.opened })
    const webhooks = await ground.start()
    await webhooks.finish({ webhook: ground.receiver.url() })
    await ground.receiver.next()
    const stopped = ground.stopAll(60_000)
    await webhooks.finish({ webhook: ground.receiver.url() })
    gate.open()
    await stopped
    const rows = await deliveries(ground.db)
    expect(rows.map(({ status }) => status).toSorted()).toEqual(['delivered', 'pending'])
    expect(ground.receiver.requests).toHaveLength(1)
  })

  it('sends each delivery once although two dispatchers share the table', async () => {
    const webhooks = await ground.start()
    await ground.start()
    for (let n = 0; n < 60; n += 1) await webhooks.finish({ webhook: ground.receiver.url(`/${n}`) })
    await ground.receiver.waitFor(60)
    await allDelivered(ground.db, 60)
    expect(new Set(ground.receiver.requests.map(({ url }) => url)).size).toBe(60)
    expect(ground.receiver.requests).toHaveLength(60)
  })

  it('rests while webhooks are off: pending ones stay', async () => {
    const before = await ground.create()
    await before.finish({ webhook: ground.receiver.url() })
    const off = await ground.start({ webhooks: { disabled: true } })
    await off.clock.advance(60_000)
    expect(await deliveries(ground.db)).toMatchObject([{ status: 'pending', attempts: 0 }])
    expect(ground.receiver.requests).toEqual([])
  })
})
