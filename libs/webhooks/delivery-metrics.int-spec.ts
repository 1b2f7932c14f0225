import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { MetricSources, WebhookPolicy } from '#kernel'
import { WebhookGround } from './webhook-ground.spec.support.js'
import { delivery, settled, type WebhooksChange, type WebhooksUnderTest } from './webhooks.spec.support.js'

describe('the metrics of deliveries', () => {
  const ground = WebhookGround.use()
  let webhooks: WebhooksUnderTest

  async function start(change: WebhooksChange = {}): Promise<void> {
    webhooks = await ground.start(change)
  }

  /** The lines of the room's counters and histograms that are not zero. */
  async function series(): Promise<string[]> {
    const texts = [...webhooks.app.get(MetricSources).series].map((each) => each.metrics())
    const lines = (await Promise.all(texts)).join('\n').split('\n')
    return lines.filter((line) => line.startsWith('signalbox_webhook_') && !line.endsWith(' 0'))
  }

  /** One of the room's gauges. */
  async function gauge(name: string): Promise<number | undefined> {
    const figures = await webhooks.app.get(MetricSources).all.get('webhooks')?.()
    return figures?.find((figure) => figure.name === `signalbox_webhooks_${name}`)?.value
  }

  it('count attempts by class and code, ends by state, and how long both took', async () => {
    ground.receiver.answer({ status: 500 }, { status: 404 }, { status: 200 }, { status: 410 })
    await start()
    await webhooks.finish({ webhook: ground.receiver.url(), endedAt: webhooks.clock.now() })
    await delivery(ground.db, { status: 'pending', attempts: 1 })
    await webhooks.clock.advance(5_000)
    await delivery(ground.db, { status: 'pending', attempts: 2 })
    await webhooks.clock.advance(30_000)
    await delivery(ground.db, { status: 'delivered' })
    await webhooks.finish({ webhook: ground.receiver.url() })
    await settled(ground.db, ['dead', 'delivered'])
    const lines = await series()
    expect(lines).toEqual(
      expect.arrayContaining([
        'signalbox_webhook_attempts_total{class="retry",code="status"} 1',
        'signalbox_webhook_attempts_total{class="limited",code="status"} 1',
        'signalbox_webhook_attempts_total{class="success",code="none"} 1',
        'signalbox_webhook_attempts_total{class="final",code="status"} 1',
        'signalbox_webhook_deliveries_total{state="delivered"} 1',
        'signalbox_webhook_deliveries_total{state="dead"} 1',
        'signalbox_webhook_attempt_duration_seconds_count 4',
        'signalbox_webhook_latency_seconds_sum 35',
        'signalbox_webhook_latency_seconds_count 1',
      ]),
    )
    expect(lines.join('\n')).not.toMatch(/127\.0\.0\.1|hook"/)
  })

  it('count refusals by their reason, where they happened', async () => {
    await start({ names: { 'two-faced.example.com': ['169.254.169.254'] }, webhooks: { url: { requireHttps: true } } })
    const policy = webhooks.app.get(WebhookPolicy)
    expect(() => policy.check('https://169.254.169.254/')).toThrow('webhook target is not allowed')
    expect(() => policy.check('http://example.com/')).toThrow('https')
    await webhooks.finish({ webhook: 'http://example.com/' })
    await delivery(ground.db, { status: 'dead' })
    await ground.db.database.query('DELETE FROM webhook_deliveries')
    await webhooks.finish({ webhook: 'https://two-faced.example.com/' })
    await delivery(ground.db, { status: 'pending', lastErrorCode: 'blocked' })
    expect(await series()).toEqual(
      expect.arrayContaining([
        'signalbox_webhook_refusals_total{rule="not_public",point="creation"} 1',
        'signalbox_webhook_refusals_total{rule="https",point="creation"} 1',
        'signalbox_webhook_refusals_total{rule="https",point="attempt"} 1',
        'signalbox_webhook_refusals_total{rule="not_public",point="attempt"} 1',
      ]),
    )
  })

  it('show the backlog, what is being sent, and open breakers', async () => {
    ground.receiver.otherwise({ status: 503 })
    await start({ webhooks: { perHost: 1 } })
    for (let n = 0; n < 7; n += 1) await webhooks.finish({ webhook: ground.receiver.url() })
    await ground.receiver.waitFor(5)
    await settled(ground.db, Array<string>(7).fill('pending'))
    const names = ['queued', 'retrying', 'delivering', 'dead', 'oldest_due_age_seconds'] as const
    await webhooks.clock.advance(500)
    expect(await Promise.all(names.map(gauge))).toEqual([2, 5, 0, 0, 0.5])
    expect(await gauge('open_breakers')).toBe(1)
  })
})
