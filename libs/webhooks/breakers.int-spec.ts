import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { WebhookGround } from './webhook-ground.spec.support.js'
import { deliveries, settled, WebhooksUnderTest } from './webhooks.spec.support.js'

interface BreakerRow {
  readonly host_key: string
  readonly delay_ms: number
  readonly probe_at: Date
}

describe('the breaker of a host', () => {
  const ground = WebhookGround.use()

  /** One request to a host at a time unless told, so that failures come one after the other. */
  function start({ perHost = 1 } = {}): Promise<WebhooksUnderTest> {
    const retryScheduleMs = Array<number>(20).fill(3_600_000)
    return ground.start({ webhooks: { perHost, retryScheduleMs } })
  }

  async function finish(webhooks: WebhooksUnderTest, count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) await webhooks.finish({ webhook: ground.receiver.url() })
  }

  async function breakers(): Promise<BreakerRow[]> {
    return (await ground.db.database.query<BreakerRow>('SELECT * FROM webhook_breakers')).rows
  }

  /** Resolves once no delivery is claimed. */
  async function nothingUnderWay(): Promise<void> {
    await eventually(async () =>
      (await deliveries(ground.db)).every(({ status }) => status !== 'delivering') ? true : null,
    )
  }

  /** Resolves once the only breaker waits so long. */
  async function probing(delayMs: number): Promise<BreakerRow> {
    return eventually(async () => (await breakers()).find((row) => row.delay_ms === delayMs) ?? null)
  }

  it('opens after five failures in a row, probes with one delivery at doubling waits, and closes by an answer', async () => {
    ground.receiver.otherwise({ status: 503 })
    const webhooks = await start()
    await finish(webhooks, 12)
    expect((await probing(1_000)).probe_at).toEqual(new Date(webhooks.clock.now().getTime() + 1_000))
    expect(ground.receiver.requests).toHaveLength(5)

    await webhooks.clock.advance(999)
    expect(ground.receiver.requests).toHaveLength(5)
    await webhooks.clock.advance(1)
    await probing(2_000)
    await webhooks.clock.advance(2_000)
    await probing(4_000)
    expect(ground.receiver.requests).toHaveLength(7)

    ground.receiver.otherwise({ status: 200 })
    await webhooks.clock.advance(4_000)
    await eventually(async () => ((await breakers()).length === 0 ? true : null))
    // The seven that had failed keep to their schedule, and no attempt was counted for those that waited.
    await settled(ground.db, [...Array<string>(5).fill('delivered'), ...Array<string>(7).fill('pending')])
    expect((await deliveries(ground.db)).map(({ attempts }) => attempts)).toEqual(Array(12).fill(1))
  })

  it('is none where there is no network: a path that fails holds up no other', async () => {
    const webhooks = await start()
    for (let n = 0; n < 7; n += 1) await webhooks.finish({ webhook: '/inspector/bad?status=503' })
    await eventually(async () => ((await deliveries(ground.db)).every(({ attempts }) => attempts === 1) ? true : null))
    await settled(ground.db, Array<string>(7).fill('pending'))
    expect(await breakers()).toEqual([])
    await webhooks.finish({ webhook: '/nothing/takes/this' })
    await webhooks.finish({ webhook: '/inspector/good' })
    await settled(ground.db, ['delivered', ...Array<string>(8).fill('pending')])
  })

  it('of a path, left by an earlier version, goes with the next attempt', async () => {
    const webhooks = await start()
    await ground.db.database.query(
      'INSERT INTO webhook_breakers (host_key, opened_at, probe_at, delay_ms) VALUES ($1, $2, $2, 1000)',
      ['path', webhooks.clock.now()],
    )
    await webhooks.finish({ webhook: '/nothing/takes/this' })
    await eventually(async () => ((await breakers()).length === 0 ? true : null))
  })

  it('waits five minutes at most between probes', async () => {
    ground.receiver.otherwise('reset')
    const webhooks = await start()
    await finish(webhooks, 20)
    await probing(1_000)
    for (const delayMs of [2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]) {
      await webhooks.clock.advance(Math.max(1_000, delayMs / 2))
      const before = ground.receiver.requests.length
      if (delayMs === 300_000) await webhooks.clock.advance(300_000)
      await probing(delayMs)
      expect(ground.receiver.requests.length - before).toBeLessThanOrEqual(1)
    }
  })

  it.each([
    ['500', { status: 500 }],
    ['404', { status: 404 }],
  ])('does not count %s, which tells of one delivery', async (_name, answer) => {
    ground.receiver.otherwise(answer)
    const webhooks = await start()
    await finish(webhooks, 8)
    await ground.receiver.waitFor(8)
    await settled(ground.db, Array<string>(8).fill('pending'))
    expect(await breakers()).toEqual([])
  })

  it('counts anew after an answer in between', async () => {
    const down = { status: 502 }
    ground.receiver.answer(down, down, down, down, { status: 200 }, down, down, down, down)
    const webhooks = await start()
    await finish(webhooks, 10)
    await ground.receiver.waitFor(10)
    expect(await breakers()).toEqual([])
  })

  it('holds a host back in other processes too, one of which probes', async () => {
    ground.receiver.otherwise({ status: 503 })
    const first = await start()
    await finish(first, 5)
    await probing(1_000)
    const second = await ground.start({ clock: first.clock, webhooks: { perHost: 1 } })
    const before = ground.receiver.requests.length
    await finish(second, 10)
    await second.clock.advance(500)
    expect(ground.receiver.requests.length).toBe(before)
    await second.clock.advance(500)
    await probing(2_000)
    expect(ground.receiver.requests.length).toBe(before + 1)
  })

  it('probes with one delivery where several may be open at once', async () => {
    ground.receiver.otherwise({ status: 503 })
    const webhooks = await start({ perHost: 4 })
    await finish(webhooks, 20)
    await probing(1_000)
    await nothingUnderWay()
    const before = ground.receiver.requests.length
    expect(before).toBeLessThanOrEqual(8)
    await webhooks.clock.advance(1_000)
    await probing(2_000)
    await nothingUnderWay()
    expect(ground.receiver.requests.length).toBe(before + 1)
  })

  it('is known to be closed, once another process has closed it', async () => {
    ground.receiver.otherwise({ status: 503 })
    const webhooks = await start()
    await finish(webhooks, 8)
    await probing(1_000)
    ground.receiver.otherwise({ status: 200 })
    // As the answer to another process's probe leaves it.
    await ground.db.database.query('DELETE FROM webhook_breakers')
    await webhooks.clock.advance(5_000)
    await settled(ground.db, [...Array<string>(3).fill('delivered'), ...Array<string>(5).fill('pending')])
  })

  it('is respected, once another process has opened it, by one that has a request to the host open', async () => {
    ground.receiver.answer('hang')
    const webhooks = await start({ perHost: 4 })
    await finish(webhooks, 1)
    await ground.receiver.waitFor(1)
    const host = `http://127.0.0.1:${ground.receiver.port}`
    const probeAt = new Date(webhooks.clock.now().getTime() + 3_600_000)
    await ground.db.database.query(
      'INSERT INTO webhook_breakers (host_key, opened_at, probe_at, delay_ms) VALUES ($1, $2, $3, 1000)',
      [host, webhooks.clock.now(), probeAt],
    )
    await finish(webhooks, 3)
    // Once that has arrived, the claim that has passed over the others is done.
    await webhooks.finish({ webhook: '/inspector/box' })
    await settled(ground.db, ['delivered', 'delivering', ...Array<string>(3).fill('pending')])
    expect(ground.receiver.requests).toHaveLength(1)
  })

  it('lets another delivery probe when the probe was cut short', async () => {
    ground.receiver.answer(...Array<{ status: number }>(5).fill({ status: 503 }), 'hang')
    const first = await start()
    await finish(first, 7)
    await probing(1_000)
    await first.clock.advance(1_000)
    await ground.receiver.waitFor(6)
    await ground.stopAll()
    const { clock } = first
    await ground.start({ clock })
    await ground.receiver.waitFor(7)
    await eventually(async () => ((await breakers()).length === 0 ? true : null))
  })

  it('is forgotten when nothing waits behind it', async () => {
    ground.receiver.otherwise({ status: 503 })
    const webhooks = await start()
    await finish(webhooks, 5)
    await probing(1_000)
    await ground.db.database.query('DELETE FROM webhook_deliveries')
    await webhooks.clock.advance(400_000)
    await eventually(async () => ((await breakers()).length === 0 ? true : null))
  })

  it('ends what waits behind it at the last moment, although it was never attempted', async () => {
    ground.receiver.otherwise({ status: 503 })
    const webhooks = await start()
    await finish(webhooks, 5)
    await probing(1_000)
    const late = webhooks.clock.now()
    await finish(webhooks, 1)
    await ground.db.database.query('UPDATE webhook_deliveries SET give_up_at = $1 WHERE attempts = 0', [late])
    await ground.db.database.query("UPDATE webhook_breakers SET probe_at = probe_at + interval '1 h'")
    await webhooks.clock.advance(5_000)
    await settled(ground.db, ['dead', ...Array<string>(5).fill('pending')])
    expect((await deliveries(ground.db)).find(({ status }) => status === 'dead')).toMatchObject({
      lastErrorCode: 'breaker',
    })
  })
})

/** What `look` finds, as soon as it finds something. @throws Error when that is not within 10 s. */
async function eventually<Found>(look: () => Promise<Found | null>): Promise<Found> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (Date.now() > deadline) throw new Error('it did not come about')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
