import 'reflect-metadata'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SigningSecret } from '#config'
import { FakeClock, openTestDatabase, type ReceivedRequest, Receiver, type TestDatabase } from '#testing'
import { Inspector } from './inspector/inspector.js'
import { delivery, settled, WebhooksUnderTest } from './webhooks.spec.support.js'

const NAMES = { 'a.test': ['127.0.0.1'], 'b.test': ['127.0.0.1'], 'x.b.test': ['127.0.0.1'] }

/** A secret of its own for each number. */
function secretOf(number: number, host: string | null = null): SigningSecret {
  return { host, key: Buffer.alloc(32, number) }
}

/** What a receiver has that was given this one secret alone. */
function officialWith({ key }: SigningSecret): Webhook {
  return new Webhook(`whsec_${key.toString('base64')}`)
}

function verifies(secret: SigningSecret, { body, headers }: ReceivedRequest): boolean {
  try {
    officialWith(secret).verify(body.toString(), headers as Record<string, string>)
    return true
  } catch {
    return false
  }
}

describe('the signature of a webhook', () => {
  let db: TestDatabase
  let receiver: Receiver
  let webhooks: WebhooksUnderTest | null

  beforeAll(async () => {
    db = await openTestDatabase()
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.database.query('TRUNCATE webhook_deliveries CASCADE')
    receiver = await Receiver.start()
    webhooks = null
  })
  afterEach(async () => {
    await webhooks?.stop()
    await receiver.close()
  })

  /** The official library refuses old timestamps: the clock begins at the time of the machine. */
  async function start(secrets: readonly SigningSecret[]): Promise<WebhooksUnderTest> {
    const change = { secrets, retryScheduleMs: [20_000, 20_000] }
    webhooks = await WebhooksUnderTest.start(db, { clock: new FakeClock(new Date()), names: NAMES, webhooks: change })
    return webhooks
  }

  const at = (host: string) => `http://${host}:${receiver.port}/${host}`

  it('holds on every attempt for who knows the old secret and for who knows the new one', async () => {
    const [newer, older] = [secretOf(2), secretOf(1)]
    receiver.answer({ status: 500 }, { status: 503 })
    const room = await start([newer, older])
    await room.finish({ webhook: receiver.url() })
    for (const attempts of [1, 2]) {
      await delivery(db, { status: 'pending', attempts })
      await room.clock.advance(20_000)
    }
    await delivery(db, { status: 'delivered', attempts: 3 })
    expect(receiver.requests).toHaveLength(3)
    for (const request of receiver.requests) {
      expect([newer, older, secretOf(3)].map((secret) => verifies(secret, request))).toEqual([true, true, false])
      expect(String(request.headers['webhook-signature'])).toMatch(/^v1,\S{44} v1,\S{44}$/)
    }
    const signatures = receiver.requests.map(({ headers }) => headers['webhook-signature'])
    expect(new Set(signatures).size).toBe(3)
  })

  it('is the secret of the host alone, so that no receiver can forge to another', async () => {
    const [forA, forB, general] = [secretOf(1, 'a.test'), secretOf(2, '*.b.test'), secretOf(3)]
    const room = await start([forA, forB, general])
    for (const host of ['a.test', 'x.b.test', 'b.test']) await room.finish({ webhook: at(host) })
    await settled(db, ['delivered', 'delivered', 'delivered'])
    const who = (host: string) => {
      const request = receiver.requests.find(({ url }) => url === `/${host}`) as ReceivedRequest
      return [forA, forB, general].map((secret) => verifies(secret, request))
    }
    expect(who('a.test')).toEqual([true, false, false])
    expect(who('x.b.test')).toEqual([false, true, false])
    // The wildcard is for what stands below its apex.
    expect(who('b.test')).toEqual([false, false, true])
  })

  it.each([
    ['is configured at all', []],
    ['is for this host', [secretOf(1, 'a.test')]],
  ])('is not there where no secret %s', async (_what, secrets) => {
    const room = await start(secrets)
    await room.finish({ webhook: at('b.test') })
    const request = await receiver.next()
    expect(Object.keys(request.headers)).not.toContain('webhook-signature')
    expect(request.headers).toMatchObject({ 'webhook-id': expect.any(String), 'webhook-timestamp': expect.any(String) })
  })

  it('is on a path webhook too, by the general secrets', async () => {
    const general = secretOf(3)
    const room = await start([secretOf(1, 'localhost'), secretOf(2, '*.localhost'), general])
    await room.finish({ webhook: '/inspector/box' })
    await delivery(db, { status: 'delivered' })
    const [kept] = room.app.get(Inspector).requests('box')
    expect(kept?.signature).toBe('valid')
    expect(officialWith(general).verify(kept?.body ?? '', { ...kept?.headers })).toMatchObject({ status: 'success' })
  })
})
