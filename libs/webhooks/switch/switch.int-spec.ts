import 'reflect-metadata'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UnitOfWork } from '#database'
import { newId } from '#kernel'
import { FakeClock, Gate, TEST_DATABASE } from '#testing'
import { ClaimKeeper } from '../claim-keeper.js'
import { WebhookGround } from '../webhook-ground.spec.support.js'
import { deliveries, delivery, settled, type WebhooksChange, type WebhooksUnderTest } from '../webhooks.spec.support.js'
import { SwitchRepository } from './switch.repository.js'
import type { WireSettings } from './wire-settings.js'

const LOCAL = { host: 'localhost:8123' }
const DAY_MS = 24 * 3_600_000

describe('the run-time switch', () => {
  const ground = WebhookGround.use()
  afterEach(() => void vi.restoreAllMocks())

  const patch = (webhooks: WebhooksUnderTest, payload: object, headers: Record<string, string> = LOCAL) =>
    webhooks.app.inject({ method: 'PATCH', url: '/webhooks/settings', headers, payload })

  async function turn(webhooks: WebhooksUnderTest, payload: object): Promise<WireSettings> {
    const answer = await patch(webhooks, payload)
    expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)])
    return answer.json<WireSettings>()
  }

  const get = (webhooks: WebhooksUnderTest, headers: Record<string, string> = LOCAL) =>
    webhooks.app.inject({ method: 'GET', url: '/webhooks/settings', headers })

  const read = async (webhooks: WebhooksUnderTest) => (await get(webhooks)).json<WireSettings>()

  const history = async () =>
    (await ground.db.database.query('SELECT disabled, discarded FROM webhook_settings_changes ORDER BY change_id')).rows

  const sentRuns = () =>
    ground.receiver.requests.map(({ body }) => (JSON.parse(body.toString()) as { run_id: string }).run_id)

  it('holds what comes while it is off, and sends it, the oldest first, once it is on', async () => {
    const webhooks = await ground.start({ webhooks: { concurrency: 1, perHost: 1 } })
    expect(await turn(webhooks, { disabled: true })).toMatchObject({ disabled: true, disabled_by_file: false, held: 0 })
    const runs = [newId(), newId(), newId(), newId()]
    for (const runId of runs) {
      await webhooks.finish({ webhook: ground.receiver.url(), runId })
      await webhooks.clock.advance(1_000)
    }
    await webhooks.clock.advance(60_000)
    expect(ground.receiver.requests).toEqual([])
    expect((await deliveries(ground.db)).map(({ status, attempts }) => [status, attempts])).toEqual(
      runs.map(() => ['pending', 0]),
    )
    expect(await read(webhooks)).toMatchObject({ disabled: true, held: 4 })

    expect(await turn(webhooks, { disabled: false })).toMatchObject({ disabled: false })
    await settled(
      ground.db,
      runs.map(() => 'delivered'),
    )
    expect(sentRuns()).toEqual(runs)
  })

  it('lets what is being sent end, and sends nothing more, retries neither', async () => {
    const gate = new Gate()
    ground.receiver.answer({ status: 503 }, { status: 200, after: gate.opened })
    const webhooks = await ground.start({ webhooks: { concurrency: 1, perHost: 1 } })
    await webhooks.finish({ webhook: ground.receiver.url() })
    await delivery(ground.db, { status: 'pending', attempts: 1 })
    await webhooks.finish({ webhook: ground.receiver.url() })
    await ground.receiver.waitFor(2)
    await webhooks.finish({ webhook: ground.receiver.url() })
    await turn(webhooks, { disabled: true })
    gate.open()
    await settled(ground.db, ['delivered', 'pending', 'pending'])
    await webhooks.clock.advance(60_000)
    expect(ground.receiver.requests).toHaveLength(2)
    await turn(webhooks, { disabled: false })
    await settled(ground.db, ['delivered', 'delivered', 'delivered'])
  })

  it('sends nothing of a claim whose answer comes after the turn', async () => {
    const webhooks = await ground.create()
    await webhooks.finish({ webhook: ground.receiver.url() })
    const keeper = webhooks.app.get(ClaimKeeper)
    const claim = keeper.claim.bind(keeper)
    await new Promise<void>((turned) => {
      vi.spyOn(keeper, 'claim').mockImplementationOnce(async (...request) => {
        const claimed = await claim(...request)
        await turn(webhooks, { disabled: true })
        turned()
        return claimed
      })
      webhooks.dispatcher.start()
    })
    await delivery(ground.db, { status: 'pending', attempts: 0, claimedBy: null })
    await webhooks.clock.advance(60_000)
    expect(ground.receiver.requests).toEqual([])
    await turn(webhooks, { disabled: false })
    await delivery(ground.db, { status: 'delivered', attempts: 1 })
  })

  it('is in force in the other servers of the database within a second, either way', async () => {
    const clock = new FakeClock()
    const one = await ground.start({ clock })
    const other = await ground.start({ clock })
    await turn(one, { disabled: true })
    await clock.advance(1_000)
    await other.finish({ webhook: ground.receiver.url() })
    await clock.advance(30_000)
    expect(ground.receiver.requests).toEqual([])
    // The one that turns it on sends nothing itself: what arrives is the other's.
    await one.dispatcher.stop(0)
    await turn(one, { disabled: false })
    await clock.advance(1_000)
    await settled(ground.db, ['delivered'])
    expect(await read(other)).toMatchObject({ disabled: false, held: 0 })
  })

  it('calls back within a second what another server has claimed and not begun to send', async () => {
    const gate = new Gate()
    const clock = new FakeClock()
    const one = await ground.create({ clock })
    ground.receiver.answer({ status: 200 }, { status: 200 }, { status: 200, after: gate.opened })
    const other = await ground.create({ clock, webhooks: { concurrency: 1, perHost: 1 } })
    await other.finish({ webhook: ground.receiver.url() })
    await copyDeliveries(9)
    other.dispatcher.start()
    await ground.receiver.waitFor(3)
    const claimed = async () => (await deliveries(ground.db)).filter(({ status }) => status === 'delivering').length
    await vi.waitUntil(async () => (await claimed()) > 1, { timeout: 10_000 })
    await turn(one, { disabled: true })
    await clock.advance(1_000)
    await vi.waitUntil(async () => (await claimed()) === 1, { timeout: 10_000 })
    gate.open()
    await settled(ground.db, [...Array<string>(3).fill('delivered'), ...Array<string>(7).fill('pending')])
    await clock.advance(30_000)
    expect(ground.receiver.requests).toHaveLength(3)
  })

  it('cancels what was held where the order says so, and nothing that was not', async () => {
    const webhooks = await ground.start()
    ground.receiver.answer({ status: 503 })
    await webhooks.finish({ webhook: ground.receiver.url() })
    await delivery(ground.db, { status: 'pending', attempts: 1 })
    await turn(webhooks, { disabled: false, discard_held: true, by: 'me' })
    await settled(ground.db, ['pending'])
    await turn(webhooks, { disabled: true })
    await webhooks.finish({ webhook: ground.receiver.url() })
    const on = await turn(webhooks, { disabled: false, discard_held: true })
    expect(on).toMatchObject({
      held: 0,
      history: [{ disabled: false, discarded: 2 }, {}, { by: 'me', discarded: null }],
    })
    await settled(ground.db, ['cancelled', 'cancelled'])
    const { rows } = await ground.db.database.query<object>(
      'SELECT next_attempt_at AS next, settled_at AS settled FROM webhook_deliveries',
    )
    expect(rows).toEqual([1, 2].map(() => ({ next: null, settled: webhooks.clock.now() })))
    await webhooks.clock.advance(60_000)
    expect(ground.receiver.requests).toHaveLength(1)
    await webhooks.finish({ webhook: ground.receiver.url() })
    await ground.receiver.waitFor(2)
  })

  it('does not count held time against the last moments, and writes no delivery for it', async () => {
    const webhooks = await ground.start()
    ground.receiver.answer({ status: 503 })
    await webhooks.finish({ webhook: ground.receiver.url() })
    await delivery(ground.db, { status: 'pending', attempts: 1 })
    await turn(webhooks, { disabled: true })
    await webhooks.dispatcher.stop(0)
    await webhooks.clock.advance(DAY_MS)
    await webhooks.finish({ webhook: ground.receiver.url() })
    await turn(webhooks, { disabled: true, reason: 'still' })
    const queuedAt = webhooks.clock.now().getTime()
    const before = await versions()
    await webhooks.clock.advance(2 * DAY_MS)
    await turn(webhooks, { disabled: false })
    expect(await lastMoments(webhooks)).toEqual([queuedAt - DAY_MS + 3 * DAY_MS, queuedAt + 2 * DAY_MS])
    // A second time adds to the first.
    await turn(webhooks, { disabled: true })
    await webhooks.clock.advance(DAY_MS)
    await turn(webhooks, { disabled: false })
    expect(await lastMoments(webhooks)).toEqual([queuedAt - DAY_MS + 4 * DAY_MS, queuedAt + 3 * DAY_MS])
    expect(await versions()).toEqual(before)
  })

  it('gives what is queued after a hold, or queued again, no more than its own time', async () => {
    const webhooks = await ground.create()
    await turn(webhooks, { disabled: true })
    await webhooks.clock.advance(DAY_MS)
    await turn(webhooks, { disabled: false })
    await webhooks.finish({ webhook: ground.receiver.url() })
    const queuedAt = webhooks.clock.now().getTime()
    expect(await lastMoments(webhooks)).toEqual([queuedAt])
    await webhooks.clock.advance(60_000)
    const [queued] = await deliveries(ground.db)
    const requeue = (path: string, payload = {}) =>
      webhooks.app.inject({ method: 'POST', url: `/webhooks/deliveries/${path}`, headers: LOCAL, payload })
    await requeue(`${queued?.deliveryId}/redeliver`)
    expect(await lastMoments(webhooks)).toEqual([queuedAt + 60_000])
    await webhooks.clock.advance(60_000)
    await requeue('redeliver', { status: 'pending' })
    expect(await lastMoments(webhooks)).toEqual([queuedAt + 120_000])
  })

  it('retries for as long as is left once it is on again, and then ends', async () => {
    const schedule = { webhooks: { retryScheduleMs: [5_000, 3_600_000] } }
    const webhooks = await ground.start(schedule)
    ground.receiver.otherwise({ status: 503 })
    await webhooks.finish({ webhook: ground.receiver.url() })
    await delivery(ground.db, { status: 'pending', attempts: 1 })
    await turn(webhooks, { disabled: true })
    await webhooks.clock.advance(5 * DAY_MS)
    await turn(webhooks, { disabled: false })
    // Its claim must know the new last moment too: else its outcome would be its end.
    await delivery(ground.db, { status: 'pending', attempts: 2 })
    await webhooks.dispatcher.stop(0)
    await webhooks.clock.advance(25 * 3_600_000 + 6_000)
    const other = await ground.start({ clock: webhooks.clock, ...schedule })
    await delivery(ground.db, { status: 'dead', attempts: 2 })
    await expect.poll(() => other.logged()).toMatchObject([{ msg: expect.stringContaining('given up') as string }])
  })

  it('cancels what was held a batch at a time, and stays off until the last', async () => {
    const webhooks = await held(1_250)
    const seen = afterEachBatch(webhooks, () => webhooks.app.get(SwitchRepository).isOff(ground.db.database))
    const answer = await turn(webhooks, { disabled: false, discard_held: true })
    expect(answer).toMatchObject({ disabled: false, held: 0, history: [{ disabled: false, discarded: 1_250 }, {}] })
    expect(seen.counts).toEqual([500, 500, 250])
    const states = await Promise.all(seen.results)
    // Only where there is one connection is it certain that a question gets its answer before the next batch.
    if (TEST_DATABASE === 'embedded') expect(states).toEqual([true, true, true])
  })

  it('goes on with what is left where it was cut short, and stays off until then', async () => {
    const webhooks = await held(1_250)
    const repository = webhooks.app.get(SwitchRepository)
    const cancel = repository.cancelHeld.bind(repository)
    vi.spyOn(repository, 'cancelHeld')
      .mockImplementationOnce((...request) => cancel(...request))
      .mockRejectedValueOnce(new Error('killed'))
    expect((await patch(webhooks, { disabled: false, discard_held: true })).statusCode).toBe(500)
    expect(await read(webhooks)).toMatchObject({ disabled: true, held: 750 })
    const other = await ground.create({ clock: webhooks.clock })
    const answer = await turn(other, { disabled: false, discard_held: true })
    expect(answer).toMatchObject({ disabled: false, held: 0, history: [{ disabled: false, discarded: 1_250 }, {}] })
  })

  it('is turned on once by two orders at the same time', async () => {
    const webhooks = await held(1_250)
    const order = { disabled: false, discard_held: true }
    const answers = await Promise.all([turn(webhooks, order), turn(webhooks, order)])
    for (const answer of answers) expect(answer).toMatchObject({ disabled: false, held: 0 })
    expect(await history()).toMatchObject([{ disabled: true }, { disabled: false, discarded: 1_250 }])
  })

  it.each([
    ['an order to stay off', { disabled: true }],
    ['an order to send what is held', { disabled: false }],
  ])('lets %s end the discarding', async (_name, order) => {
    const webhooks = await held(1_250)
    const units = webhooks.app.get(UnitOfWork)
    const run = units.run.bind(units)
    vi.spyOn(units, 'run')
      .mockImplementationOnce((work) => run(work))
      .mockImplementationOnce(async (work) => (await turn(webhooks, order), run(work)))
    await turn(webhooks, { disabled: false, discard_held: true })
    expect(await read(webhooks)).toMatchObject({
      ...order,
      held: 750,
      history: [{ ...order, discarded: 500 }, {}],
    })
  })

  it('counts what waits up to 10,000 and says that there is more', async () => {
    const webhooks = await held(10_000)
    expect(await read(webhooks)).toMatchObject({ held: 10_000, held_more: false })
    await webhooks.finish({ webhook: ground.receiver.url() })
    expect(await read(webhooks)).toMatchObject({ held: 10_000, held_more: true })
  })

  it('records who turned it, when, from where and why, and a confirmation only where it says so', async () => {
    const webhooks = await ground.start()
    expect(await read(webhooks)).toEqual({
      disabled: false,
      disabled_by_file: false,
      changed_at: null,
      by: null,
      address: null,
      reason: null,
      held: 0,
      held_more: false,
      history: [],
    })
    const at = webhooks.clock.now().toISOString()
    const off = { disabled: true, changed_at: at, by: 'Ann\uFFFD', address: '127.0.0.1', reason: 'storm' }
    expect(await turn(webhooks, { disabled: true, by: 'Ann\u0000', reason: 'storm' })).toMatchObject(off)
    await webhooks.clock.advance(1_000)
    await turn(webhooks, { disabled: true })
    expect(await history()).toHaveLength(1)
    const confirmed = await turn(webhooks, { disabled: true, by: null, reason: 'still' })
    expect(confirmed).toMatchObject({ ...off, history: [{ disabled: true, by: null, reason: 'still' }, off] })
    for (let count = 0; count < 20; count += 1) await turn(webhooks, { disabled: count % 2 === 1 })
    expect((await read(webhooks)).history).toHaveLength(20)
    expect(await history()).toHaveLength(22)
  })

  it('cannot overrule the configuration, under which nothing is written', async () => {
    const webhooks = await ground.start({ webhooks: { disabled: true } })
    await webhooks.finish({ webhook: ground.receiver.url() })
    for (const disabled of [true, false]) {
      const answer = await patch(webhooks, { disabled })
      expect(answer.statusCode).toBe(409)
      expect(answer.json()).toMatchObject({ detail: expect.stringContaining('http.disable_webhooks') as string })
    }
    expect(await read(webhooks)).toMatchObject({ disabled: false, disabled_by_file: true, held: 0, history: [] })
    expect(await deliveries(ground.db)).toEqual([])
  })

  it('lets what is pending rest while they are off by the file, and the time does not count', async () => {
    const clock = new FakeClock(new Date('2026-03-01T12:00:02.000Z'))
    const start = async (disabled: boolean) => {
      const webhooks = await ground.create({ clock, webhooks: { disabled } })
      await webhooks.dispatcher.takeOver()
      webhooks.dispatcher.start()
      return webhooks
    }
    ground.receiver.answer({ status: 503 })
    const first = await start(false)
    await first.finish({ webhook: ground.receiver.url() })
    await delivery(ground.db, { status: 'pending', attempts: 1 })
    const queuedAt = clock.now().getTime()
    for (let day = 0; day < 5; day += 1) {
      await ground.stopAll()
      await start(true)
      await clock.advance(DAY_MS)
    }
    expect(ground.receiver.requests).toHaveLength(1)
    await ground.stopAll()
    const last = await start(false)
    await delivery(ground.db, { status: 'delivered', attempts: 2 })
    expect(await lastMoments(last)).toEqual([queuedAt + 5 * DAY_MS])
    await ground.stopAll()
    await clock.advance(DAY_MS)
    expect(await lastMoments(await start(false))).toEqual([queuedAt + 5 * DAY_MS])
  })

  it('counts time once in which both the switch and the file held', async () => {
    const clock = new FakeClock(new Date('2026-03-01T12:00:02.000Z'))
    const first = await ground.create({ clock })
    await turn(first, { disabled: true })
    await first.finish({ webhook: ground.receiver.url() })
    const queuedAt = clock.now().getTime()
    for (const disabled of [true, false]) {
      await ground.stopAll()
      await (await ground.create({ clock, webhooks: { disabled } })).dispatcher.takeOver()
      await clock.advance(DAY_MS)
    }
    const last = await ground.create({ clock })
    await turn(last, { disabled: false })
    expect(await lastMoments(last)).toEqual([queuedAt + 2 * DAY_MS])
  })

  it.each([
    [{}, 'disabled'],
    [{ disabled: 'true' }, 'disabled'],
    [{ disabled: null }, 'disabled'],
    [{ disabled: true, by: 1 }, 'by'],
    [{ disabled: true, by: 'x'.repeat(201) }, 'by'],
    [{ disabled: true, reason: 'x'.repeat(1001) }, 'reason'],
    [{ disabled: false, discard_held: 'yes' }, 'discard_held'],
    [{ disabled: true, discard_held: true }, 'discard_held'],
    [{ disabled: false, discard: true }, 'discard'],
    [[], 'body'],
  ])('refuses %j, naming %s', async (payload, field) => {
    const webhooks = await ground.start()
    const answer = await patch(webhooks, payload)
    expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
      422,
      expect.stringMatching(new RegExp(`^${field}: `)),
    ])
    expect(await history()).toEqual([])
    expect(await read(webhooks)).toMatchObject({ disabled: false })
  })

  it.each<[string, WebhooksChange, Record<string, string>, number, string]>([
    ['a wrong key', { adminKey: 'right' }, { ...LOCAL, 'x-admin-key': 'wrong' }, 401, 'admin key'],
    ['no key', { adminKey: 'right', mode: 'start' }, LOCAL, 401, 'admin key'],
    ['no key set', { mode: 'start' }, LOCAL, 403, 'SIGNALBOX_ADMIN_KEY'],
    ['a foreign page', {}, { ...LOCAL, origin: 'https://evil.test' }, 403, 'SIGNALBOX_ADMIN_KEY'],
    ['a proxy in front', {}, { ...LOCAL, 'x-forwarded-for': '10.0.0.1' }, 403, 'SIGNALBOX_ADMIN_KEY'],
  ])('keeps out %s', async (_who, change, headers, status, detail) => {
    const webhooks = await ground.start(change)
    const origin = { origin: 'https://evil.test' }
    for (const answer of [await get(webhooks, headers), await patch(webhooks, { disabled: true }, headers)]) {
      expect(answer.statusCode).toBe(status)
      expect(answer.json()).toEqual({ detail: expect.stringContaining(detail) as string })
      expect(answer.headers['cache-control']).toBe('no-store')
    }
    const foreign = await get(webhooks, { ...headers, ...origin })
    expect(Object.keys(foreign.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    expect(await history()).toEqual([])
  })

  it('lets in who has the key, and answers neither to other sites nor to caches', async () => {
    const webhooks = await ground.start({ adminKey: 'right', mode: 'start' })
    const answer = await get(webhooks, { authorization: 'Bearer right', origin: 'https://app.test' })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  async function copyDeliveries(count: number): Promise<void> {
    await ground.db.database.query(
      `INSERT INTO webhook_deliveries (delivery_id, run_id, thread_id, assistant_id, url, host_key, body, run_status,
         thread_status, status, next_attempt_at, give_up_at, created_at, run_ended_at)
       SELECT gen_random_uuid(), run_id, thread_id, assistant_id, url, host_key, body, run_status, thread_status, status,
         next_attempt_at, give_up_at, created_at, run_ended_at
       FROM (SELECT * FROM webhook_deliveries ORDER BY created_at DESC LIMIT 1) AS latest, generate_series(1, $1)`,
      [count],
    )
  }

  /** Off, with so many held. */
  async function held(count: number): Promise<WebhooksUnderTest> {
    const webhooks = await ground.create()
    await turn(webhooks, { disabled: true })
    await webhooks.finish({ webhook: ground.receiver.url() })
    if (count > 1) await copyDeliveries(count - 1)
    return webhooks
  }

  /** Of each delivery, oldest first: when one would have been queued that has this last moment and was never held. */
  async function lastMoments(webhooks: WebhooksUnderTest): Promise<number[]> {
    const answer = await webhooks.app.inject({ method: 'GET', url: '/webhooks/deliveries', headers: LOCAL })
    const list = answer.json<{ deliveries: { give_up_at: string }[] }>().deliveries
    return list.map((one) => new Date(one.give_up_at).getTime() - OWN_TIME_MS).toReversed()
  }

  /** Changes with every write of a delivery. */
  async function versions(): Promise<unknown[]> {
    return (await ground.db.database.query('SELECT delivery_id, xmin, ctid FROM webhook_deliveries ORDER BY 1')).rows
  }
})

/** The schedule of the specs and the day after it. */
const OWN_TIME_MS = 155_000 + DAY_MS

/** What each batch that was cancelled counted, and what was asked right after it. */
function afterEachBatch<Result>(webhooks: WebhooksUnderTest, ask: () => Promise<Result>) {
  const seen = { counts: [] as number[], results: [] as Promise<Result>[] }
  webhooks.bus.afterCommit('webhook.cancelled', 'spec', ({ count }) => {
    seen.counts.push(count)
    seen.results.push(ask())
  })
  return seen
}
