import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#kernel'
import { openTestDatabase, type TestDatabase } from '#testing'
import { deliveries, settled, WebhooksUnderTest } from '../webhooks.spec.support.js'
import { ask, storeDelivery } from './admin.spec.support.js'
import type { WireDeliveryPage, WireFullDelivery } from './delivery-wire.js'

const NOBODY = '0195a000-0000-7000-8000-00000000dead'

describe('the deliveries for administrators', () => {
  let db: TestDatabase
  let webhooks: WebhooksUnderTest

  beforeAll(async () => {
    db = await openTestDatabase()
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.database.query('TRUNCATE webhook_deliveries CASCADE')
    webhooks = await WebhooksUnderTest.create(db)
    await webhooks.app.init()
  })
  afterEach(() => webhooks.stop())

  async function page(query: string): Promise<WireDeliveryPage> {
    const answer = await ask(webhooks, 'GET', `/deliveries?${query}`)
    expect(answer).toMatchObject({ status: 200 })
    return answer.body as WireDeliveryPage
  }
  const idsOf = ({ deliveries: listed }: WireDeliveryPage) => listed.map(({ delivery_id: id }) => id)

  it('shows a delivery with its body and attempts', async () => {
    const deliveryId = await storeDelivery(db, { body: '{"ü":1}' })
    const { body } = await ask(webhooks, 'GET', `/deliveries/${deliveryId.toUpperCase()}`)
    expect(body).toEqual({
      delivery_id: deliveryId,
      run_id: expect.any(String) as string,
      thread_id: expect.any(String) as string,
      assistant_id: expect.any(String) as string,
      url: 'https://example.com/hook',
      host: 'https://example.com:443',
      status: 'dead',
      run_status: 'success',
      thread_status: 'idle',
      attempt_count: 1,
      next_attempt_at: null,
      give_up_at: '2026-03-05T12:00:00.000Z',
      last_error_code: null,
      last_http_status: null,
      created_at: '2026-03-01T12:00:00.000Z',
      run_ended_at: '2026-03-01T12:00:00.000Z',
      settled_at: '2026-03-01T12:00:00.000Z',
      body_removed: false,
      body: '{"ü":1}',
      attempts: [
        {
          attempt: 1,
          started_at: '2026-03-01T12:00:00.000Z',
          duration_ms: 4,
          http_status: 500,
          error_code: 'status',
          reason: null,
          response_body: null,
        },
      ],
    })
  })

  it('says that a body is gone', async () => {
    const deliveryId = await storeDelivery(db, { body: null })
    expect((await ask(webhooks, 'GET', `/deliveries/${deliveryId}`)).body).toMatchObject({
      body: null,
      body_removed: true,
    })
  })

  it('tells why a target was refused, by its text and by its address, and tells it nobody else', async () => {
    const names = { 'inner.example.com': ['10.1.2.3'] }
    const rules = { allowPrivateNetworks: false, url: { allowedDomains: ['*.example.com'] } }
    const sending = await WebhooksUnderTest.start(db, { names, adminKey: 'secret', webhooks: rules })
    await sending.finish({ webhook: 'https://inner.example.com/' })
    await sending.finish({ webhook: 'https://elsewhere.example/' })
    await settled(db, ['dead', 'pending'])
    const reasons = []
    for (const { deliveryId } of await deliveries(db)) {
      const shown = await ask(webhooks, 'GET', `/deliveries/${deliveryId}`)
      reasons.push((shown.body as WireFullDelivery).attempts.map(({ error_code, reason }) => [error_code, reason]))
      expect(await ask(sending, 'GET', `/deliveries/${deliveryId}`)).toMatchObject({ status: 401 })
    }
    expect(reasons).toEqual([
      [['blocked', '10.1.2.3: private address']],
      [['blocked', 'its host is not listed (webhooks.url.allowed_domains)']],
    ])
    await sending.stop()
  })

  it('pages newest first, without gaps or duplicates while deliveries arrive and share their time', async () => {
    const ids: string[] = []
    for (let index = 0; index < 7; index += 1) {
      ids.unshift(await storeDelivery(db, { createdAt: new Date(1_772_366_400_000 + Math.floor(index / 3)) }))
    }
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const next: WireDeliveryPage = await page(`limit=2&cursor=${cursor}`)
      seen.push(...idsOf(next))
      cursor = next.next_cursor
      await storeDelivery(db, { createdAt: new Date(1_772_366_500_000) })
    }
    expect(seen).toEqual(ids)
  })

  it('says that there is nothing further when a page is just full', async () => {
    await storeDelivery(db)
    expect((await page('limit=1')).next_cursor).toBeNull()
    expect(await page('status=delivered')).toEqual({ deliveries: [], next_cursor: null })
  })

  it('finds by every filter, and by several at once', async () => {
    const [runId, threadId] = [newId(), newId()]
    const late = new Date('2026-03-02T00:00:00.000Z')
    const one = await storeDelivery(db, { runId, threadId, status: 'cancelled' })
    const two = await storeDelivery(db, { hostKey: 'http://hooks.example.com:8080', createdAt: late })
    const three = await storeDelivery(db, { hostKey: 'path', status: 'delivered', createdAt: late })
    const both = [three, two]
    const cases: [string, string[]][] = [
      ['', [...both, one]],
      [`run_id=${runId}`, [one]],
      [`thread_id=${threadId}&status=cancelled&host=example.com`, [one]],
      [`thread_id=${threadId}&status=dead`, []],
      ['status=dead', [two]],
      ['host=HOOKS.example.com', [two]],
      ['host=http://hooks.example.com:8080', [two]],
      ['host=hooks.example.com:8080', [two]],
      ['host=hooks.example.com:8080/', [two]],
      ['host=example.com/', [one]],
      ['host=hooks.example.com:80', []],
      ['host=HTTP://hooks.example.com:8080/', [two]],
      ['host=http://hooks.example.com', []],
      ['host=path', [three]],
      ['host=example.com', [one]],
      ['host=nowhere.example.com', []],
      ['created_after=2026-03-02T00:00:00Z', both],
      ['created_after=2026-03-02T00:00:00.001Z', []],
      ['created_before=2026-03-02T00:00:00Z', [one]],
      ['created_before=2026-03-02T01:00:00%2B01:00', [one]],
      ['created_after=2026-03-01&created_before=2026-03-02', [one]],
    ]
    for (const [query, expected] of cases) expect([query, idsOf(await page(query))]).toEqual([query, expected])
  })

  it.each([
    ['status=failed', 'status: must be one of pending, delivering, delivered, dead, cancelled'],
    ['run_id=x', 'Invalid run ID: must be a UUID'],
    ['thread_id=x', 'Invalid thread ID: must be a UUID'],
    ['host=%00', 'host:'],
    ['host=https%3A%2F%2Fx%2Fhook', 'host: must be a host, host:port, scheme://host:port, "path"'],
    ['host=x%2Fhook', 'host:'],
    ['host=%2Fhook', 'host:'],
    ['host=a%40x', 'host:'],
    ['host=path%3A%2Fhook', 'host:'],
    ['created_after=yesterday', 'created_after: must be an ISO 8601 time'],
    ['created_after=2026-02-30', 'created_after: must be an ISO 8601 time'],
    ['created_before=2026-02-29T12:00:00Z', 'created_before: must be an ISO 8601 time'],
    ['created_before=2026-13-01T00:00:00Z', 'created_before:'],
    ['created_before=2026-03-01T00:00:00', 'created_before:'],
    ['status=', 'status: must not be empty; leave it out to mean any'],
    ['status=dead&host=', 'host: must not be empty'],
    ['created_before=', 'created_before: must not be empty'],
    ['status=dead&status=pending', 'status: must be given once'],
    ['host=&host=x', 'host: must be given once'],
    ['limit=1&limit=2', 'limit: must be given once'],
    ['cursor=x&cursor=', 'cursor: must be given once'],
    ['creatd_after=2026-03-01', 'creatd_after: unknown filter; one of status,'],
    ['limit=0', 'limit: must be an integer from 1 to 1000'],
    ['limit=1001', 'limit:'],
    ['cursor=x', 'cursor: must be the next_cursor of an earlier answer'],
    [`cursor=${Buffer.from('9999999999999999999.x').toString('base64url')}`, 'cursor:'],
  ])('refuses %s', async (query, detail) => {
    const answer = await ask(webhooks, 'GET', `/deliveries?${query}`)
    expect(answer).toMatchObject({ status: 422, body: { detail: expect.stringContaining(detail) as string } })
  })

  it('tells an unknown id from a malformed one', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/redeliver'],
      ['POST', '/cancel'],
    ] as const) {
      expect(await ask(webhooks, method, `/deliveries/${NOBODY}${path}`)).toEqual({
        status: 404,
        body: { detail: `Delivery with ID ${NOBODY} not found` },
      })
      expect(await ask(webhooks, method, `/deliveries/x${path}`)).toMatchObject({ status: 422 })
    }
  })

  it('cancels what is pending, once and for all', async () => {
    const deliveryId = await storeDelivery(db, { status: 'pending' })
    for (const _ of [1, 2]) {
      expect(await ask(webhooks, 'POST', `/deliveries/${deliveryId}/cancel`)).toEqual({ status: 204, body: null })
    }
    expect(await deliveries(db)).toMatchObject([{ status: 'cancelled', nextAttemptAt: null }])
    const shown = await ask(webhooks, 'GET', `/deliveries/${deliveryId}`)
    expect(shown.body).toMatchObject({ settled_at: webhooks.clock.now().toISOString() })
  })

  it.each([
    ['delivering', 'try again'],
    ['delivered', 'delivered already'],
    ['dead', 'dead already'],
  ] as const)('does not cancel what is %s', async (status, detail) => {
    const deliveryId = await storeDelivery(db, { status })
    expect(await ask(webhooks, 'POST', `/deliveries/${deliveryId}/cancel`)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining(detail) as string },
    })
    expect(await deliveries(db)).toMatchObject([{ status }])
  })

  it('lets nobody in without the admin key', async () => {
    const closed = await WebhooksUnderTest.create(db, { mode: 'start', adminKey: 'secret' })
    await closed.app.init()
    for (const path of ['/deliveries', '/config', '/stats']) {
      expect((await ask(closed, 'GET', path)).status).toBe(401)
    }
    for (const path of ['/deliveries/redeliver', `/deliveries/${NOBODY}/cancel`, '/test']) {
      expect((await ask(closed, 'POST', path, {})).status).toBe(401)
    }
    await closed.stop()
  })
})
