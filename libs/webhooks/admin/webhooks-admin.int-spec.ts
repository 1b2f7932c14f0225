import 'reflect-metadata'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock, openTestDatabase, Receiver, type TestDatabase } from '#testing'
import { Inspector } from '../inspector/inspector.js'
import { deliveries, type WebhooksChange, WebhooksUnderTest } from '../webhooks.spec.support.js'
import { ask, storeDelivery } from './admin.spec.support.js'

let db: TestDatabase
let receiver: Receiver
let running: WebhooksUnderTest[]

async function open(change: WebhooksChange = {}): Promise<WebhooksUnderTest> {
  const webhooks = await WebhooksUnderTest.create(db, change)
  running.push(webhooks)
  await webhooks.app.init()
  return webhooks
}

describe('beside the deliveries', () => {
  beforeAll(async () => {
    db = await openTestDatabase()
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.database.query('TRUNCATE webhook_deliveries CASCADE')
    await db.database.query('TRUNCATE webhook_breakers')
    receiver = await Receiver.start()
    running = []
  })
  afterEach(async () => {
    for (const webhooks of running) await webhooks.stop()
    await receiver.close()
  })

  describe('the policy in force', () => {
    it('is told without a secret', async () => {
      const key = Buffer.alloc(32, 9)
      const webhooks = await open({
        webhooks: {
          headers: [
            { name: 'X-Environment', value: 'literal-value', filled: [] },
            { name: 'Authorization', value: 'Bearer sesame', filled: ['sesame'] },
          ],
          secrets: [null, null, '*.example.com', '*.example.com'].map((host) => ({ host, key })),
          allowedTargets: [
            { kind: 'host', host: 'internal' },
            { kind: 'cidr', address: '10.0.0.0', prefixLength: 8 },
          ],
          url: { allowedDomains: ['*.example.com'] },
        },
      })
      const { body, status } = await ask(webhooks, 'GET', '/config')
      expect({ status, body }).toEqual({
        status: 200,
        body: {
          config_file: '/project/langgraph.json',
          config_variables: ['LANGGRAPH_WEBHOOKS'],
          disabled: false,
          url: {
            allowed_domains: ['*.example.com'],
            require_https: false,
            allowed_ports: null,
            disable_loopback: false,
            max_url_length: 2048,
            allow_hosts: ['internal', '10.0.0.0/8'],
            allow_private_networks: true,
          },
          headers: [
            { name: 'X-Environment', value: '***', from_environment: false },
            { name: 'Authorization', value: '***', from_environment: true },
          ],
          signing: { general: 2, hosts: ['*.example.com'] },
          retry_schedule_ms: [5_000, 30_000, 120_000],
          limits: { timeout_ms: 10_000, concurrency: 128, per_host: 16, max_body_bytes: 5 * 1024 * 1024 },
          inspector: true,
        },
      })
      expect(JSON.stringify(body)).not.toMatch(/sesame|literal-value|CQkJ|0909/)
    })
  })

  describe('a trial', () => {
    it('sends a sample run that the official library verifies, and stores nothing', async () => {
      receiver.answer({ status: 201, body: 'thanks' })
      const key = Buffer.alloc(32, 9)
      const clock = new FakeClock(new Date())
      const webhooks = await open({ clock, webhooks: { secrets: [{ host: null, key }] } })
      const answer = await ask(webhooks, 'POST', '/test', { url: receiver.url('/in?token=1') })
      const request = await receiver.next()
      expect(answer).toEqual({
        status: 200,
        body: {
          delivery_id: request.headers['webhook-id'],
          attempt: 1,
          started_at: clock.now().toISOString(),
          duration_ms: 0,
          http_status: 201,
          error_code: null,
          reason: null,
          response_body: 'thanks',
        },
      })
      expect(request).toMatchObject({ method: 'POST', url: '/in?token=1', headers: { 'x-signalbox-attempt': '1' } })
      const official = new Webhook(`whsec_${key.toString('base64')}`)
      expect(official.verify(request.body.toString(), request.headers as Record<string, string>)).toMatchObject({
        status: 'success',
        metadata: { webhook_test: true },
        run_id: expect.any(String) as string,
        values: { messages: expect.any(Array) as unknown[] },
      })
      expect(await deliveries(db)).toEqual([])
    })

    it('takes no field that it does not know: another request than was meant would go out', async () => {
      const webhooks = await open()
      expect(await ask(webhooks, 'POST', '/test', { url: receiver.url(), header: { a: 'b' } })).toEqual({
        status: 422,
        body: { detail: 'header: unknown field; one of url' },
      })
      expect(receiver.requests).toEqual([])
    })

    it('answers what went wrong at the receiver', async () => {
      const webhooks = await open()
      receiver.answer('reset', { status: 503 })
      const url = receiver.url()
      const trial = async (to: string) => (await ask(webhooks, 'POST', '/test', { url: to })).body
      expect(await trial(url)).toMatchObject({ http_status: null, error_code: 'reset', response_body: null })
      expect(await trial(url)).toMatchObject({ http_status: 503, error_code: 'status' })
      expect(await trial('http://nowhere.example.com/')).toMatchObject({ http_status: null, error_code: 'dns' })
      await receiver.close()
      expect(await trial(url)).toMatchObject({ http_status: null, error_code: 'refused' })
      receiver = await Receiver.start()
    })

    it('ends at the deadline of every attempt', async () => {
      receiver.answer('hang')
      const webhooks = await open()
      const answer = ask(webhooks, 'POST', '/test', { url: receiver.url() })
      await receiver.next()
      await webhooks.clock.advance(10_000)
      expect((await answer).body).toMatchObject({ duration_ms: 10_000, error_code: 'timeout' })
    })

    it('takes a path, where something takes it', async () => {
      const webhooks = await open()
      const answer = await ask(webhooks, 'POST', '/test', { url: '/inspector/box' })
      expect(answer).toMatchObject({ status: 200, body: { http_status: 200 } })
      expect(webhooks.app.get(Inspector).requests('box')).toHaveLength(1)
      const without = await open({ webhooks: { inspector: false } })
      expect(await ask(without, 'POST', '/test', { url: '/hook' })).toMatchObject({ status: 422 })
    })

    it.each([
      ['http://169.254.169.254/latest', '169.254.169.254'],
      ['http://inner.example.com/', '169.254.169.254'],
      ['ftp://example.com/', 'http(s)'],
      ['http://example.com/', 'webhooks.url.require_https'],
      ['', 'http(s)'],
    ])('refuses %s and says why', async (url, reason) => {
      const names = { 'inner.example.com': ['169.254.169.254'] }
      const webhooks = await open({ names, webhooks: { url: { requireHttps: reason.startsWith('webhooks') } } })
      const answer = await ask(webhooks, 'POST', '/test', { url })
      expect(answer).toMatchObject({ status: 422, body: { detail: expect.stringContaining(reason) as string } })
      expect((answer.body as { detail: string }).detail).toMatch(/^url: /)
    })

    it('needs a URL that is a text', async () => {
      const webhooks = await open()
      for (const body of [{}, { url: 3 }, { url: null }]) {
        expect(await ask(webhooks, 'POST', '/test', body)).toMatchObject({ status: 422 })
      }
    })

    it('is possible while webhooks are switched off, and not when the file says so', async () => {
      await db.database.query('UPDATE webhook_settings SET disabled = true')
      const webhooks = await open()
      const answer = await ask(webhooks, 'POST', '/test', { url: receiver.url() })
      await db.database.query('UPDATE webhook_settings SET disabled = false')
      expect(answer).toMatchObject({ status: 200, body: { http_status: 200 } })
      const off = await open({ webhooks: { disabled: true } })
      expect(await ask(off, 'POST', '/test', { url: receiver.url() })).toMatchObject({ status: 409 })
    })
  })

  describe('the figures', () => {
    it('are none on an empty outbox', async () => {
      const webhooks = await open()
      expect((await ask(webhooks, 'GET', '/stats')).body).toEqual({
        since: '2026-02-28T12:00:02.000Z',
        by_status: { pending: 0, delivering: 0, delivered: 0, dead: 0, cancelled: 0 },
        success_rate: null,
        p50_ms: null,
        p95_ms: null,
        oldest_due_at: null,
        hosts: [],
      })
    })

    it('count by state and host since a time, with durations, the oldest due and open breakers', async () => {
      const hostKey = 'http://slow.example.com:80'
      for (const durationMs of [10, 20, 30, 4_000])
        await storeDelivery(db, { hostKey, status: 'delivered', durationMs })
      await storeDelivery(db, { hostKey, status: 'cancelled', durationMs: 25 })
      await storeDelivery(db)
      const due = new Date('2026-03-01T11:00:00.000Z')
      await storeDelivery(db, { status: 'pending', createdAt: new Date(due.getTime() - 3_600_000) })
      await storeDelivery(db, { createdAt: new Date('2026-02-01T00:00:00.000Z') })
      await db.database.query(
        `INSERT INTO webhook_breakers (host_key, opened_at, probe_at, delay_ms)
         VALUES ('https://example.com:443', '2026-03-01T11:00:00Z', '2026-03-01T12:05:00Z', 300000)`,
      )
      const webhooks = await open()
      expect((await ask(webhooks, 'GET', '/stats')).body).toMatchObject({
        by_status: { pending: 1, delivering: 0, delivered: 4, dead: 1, cancelled: 1 },
        success_rate: 0.8,
        p50_ms: 20,
        p95_ms: 4_000,
        oldest_due_at: due.toISOString(),
        hosts: [
          { host: hostKey, delivered: 4, cancelled: 1, dead: 0, success_rate: 1, p50_ms: 25, p95_ms: 4_000 },
          {
            host: 'https://example.com:443',
            pending: 1,
            dead: 1,
            success_rate: 0,
            oldest_due_at: due.toISOString(),
            breaker: { opened_at: '2026-03-01T11:00:00.000Z', probe_at: '2026-03-01T12:05:00.000Z' },
          },
        ],
      })
      expect((await ask(webhooks, 'GET', '/stats?since=2026-01-01T00:00:00Z')).body).toMatchObject({
        by_status: { dead: 2 },
      })
    })

    it('count more than one statement does, and tell the hundred busiest hosts', async () => {
      await db.database.query(
        `INSERT INTO webhook_deliveries (delivery_id, run_id, thread_id, assistant_id, url, host_key, run_status,
           thread_status, status, give_up_at, created_at, run_ended_at)
         SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'https://example.com/',
           CASE WHEN n <= 12000 THEN 'https://busy:443' ELSE 'https://h' || n || ':443' END, 'success', 'idle',
           'delivered', at, at, at
         FROM (SELECT timestamptz '2026-03-01 12:00:00Z' AS at, n FROM generate_series(1, 12150) AS n) AS filled`,
      )
      const webhooks = await open()
      const { body } = await ask(webhooks, 'GET', '/stats')
      expect(body).toMatchObject({ by_status: { delivered: 12_150 } })
      const { hosts } = body as { hosts: { host: string; delivered: number }[] }
      expect(hosts).toHaveLength(100)
      expect(hosts[0]).toMatchObject({ host: 'https://busy:443', delivered: 12_000 })
    })

    it('refuse a time that is none', async () => {
      const webhooks = await open()
      expect(await ask(webhooks, 'GET', '/stats?sinze=2026-01-01')).toMatchObject({ status: 422 })
      expect(await ask(webhooks, 'GET', '/stats?since=2026-01-01&since=2026-01-02')).toMatchObject({ status: 422 })
      expect(await ask(webhooks, 'GET', '/stats?since=today')).toMatchObject({
        status: 422,
        body: { detail: expect.stringContaining('since:') as string },
      })
    })
  })
})
