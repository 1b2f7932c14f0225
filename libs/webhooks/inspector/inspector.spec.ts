import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import type { Settings } from '#config'
import { FakeClock } from '#testing'
import { webhookSettings } from '../webhook-settings.spec.support.js'
import { Inspector } from './inspector.js'

const settings = { webhooks: webhookSettings({ inspector: true }) } as Settings
const request = (body: Buffer | string) => {
  return { method: 'POST', path: '/inspector/box', query: '', headers: {}, body: Buffer.from(body) }
}

describe('the bins of the inspector', () => {
  it('keep the last 100 requests', () => {
    const inspector = new Inspector(settings, new FakeClock())
    for (let n = 1; n <= 105; n += 1) inspector.record('box', request(String(n)))
    const bodies = inspector.requests('box').map(({ body }) => body)
    expect(bodies).toHaveLength(100)
    expect([bodies[0], bodies[99]]).toEqual(['6', '105'])
  })

  it('are at most 50: the one that was quiet longest goes', () => {
    const inspector = new Inspector(settings, new FakeClock())
    for (let n = 1; n <= 50; n += 1) inspector.record(`bin${n}`, request('x'))
    inspector.record('bin1', request('again'))
    inspector.record('bin51', request('x'))
    expect(inspector.requests('bin1')).toHaveLength(2)
    expect(inspector.requests('bin2')).toEqual([])
    expect(inspector.requests('bin51')).toHaveLength(1)
  })

  it('hold at most 64 MiB in all: the oldest request of any bin goes', async () => {
    const clock = new FakeClock()
    const inspector = new Inspector(settings, clock)
    const large = Buffer.alloc(10 * 1024 * 1024, 'x')
    for (const bin of ['a', 'b', 'a', 'b', 'a', 'b', 'a']) {
      inspector.record(bin, request(large))
      await clock.advance(1)
    }
    expect(inspector.requests('a')).toHaveLength(3)
    expect(inspector.requests('b')).toHaveLength(3)
  })
})
