import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import type { Settings } from '#config'
import { AppError, JsonLogger } from '#kernel'
import { type LoopbackAnswer, LoopbackTarget } from './loopback-target.js'
import { Refusals } from './refusals.js'
import { Resolver } from './resolver.js'
import { webhookSettings, type WebhookSettingsChange } from './webhook-settings.spec.support.js'
import { WebhookUrlGuard } from './webhook-url-guard.js'

class Loopback extends LoopbackTarget {
  constructor(private readonly isThere: boolean) {
    super()
  }

  override takes(): boolean {
    return this.isThere
  }

  override post(): Promise<LoopbackAnswer> {
    return Promise.reject(new Error('not asked for'))
  }
}

class Answers extends Resolver {
  asked = 0
  constructor(private readonly addresses: string[]) {
    super()
  }

  override resolve(): Promise<string[]> {
    this.asked += 1
    return Promise.resolve(this.addresses)
  }
}

function guard(change: WebhookSettingsChange = {}, addresses: string[] = [], hasRoutes = false) {
  const settings = { webhooks: webhookSettings(change) } as Settings
  const resolver = new Answers(addresses)
  const refusals = new Refusals(JsonLogger.create('silent'))
  return {
    resolver,
    refusals,
    guard: new WebhookUrlGuard(settings, new Loopback(hasRoutes), resolver, refusals),
  }
}

function refusal(webhook: string, change: WebhookSettingsChange = {}): AppError {
  try {
    guard(change).guard.check(webhook)
  } catch (error) {
    if (error instanceof AppError) return error
  }
  throw new Error('was not refused')
}

async function resolve(webhook: string, addresses: string[], change: WebhookSettingsChange = {}) {
  const made = guard(change, addresses)
  const judgement = made.guard.judge(webhook)
  if (!judgement.ok || judgement.target.kind !== 'url') throw new Error('refused by its text')
  return { resolved: await made.guard.resolveTarget(judgement.target), asked: made.resolver.asked }
}

describe('WebhookUrlGuard.check', () => {
  it('refuses with 422, naming the field and the configured rule', () => {
    const error = refusal('http://example.com/', { url: { requireHttps: true } })
    expect(error).toMatchObject({ code: 'webhook_refused', status: 422 })
    expect(error.message).toBe('webhook: must be an https URL (webhooks.url.require_https)')
  })

  it('does not say why a target is not public', () => {
    const messages = ['http://10.0.0.1/', 'http://localhost/', 'http://db.internal/'].map((url) => refusal(url).message)
    expect(new Set(messages)).toEqual(new Set(['webhook target is not allowed']))
  })

  it('judges by the text alone: a name is not looked up', () => {
    const made = guard({}, ['10.0.0.1'])
    made.guard.check('https://not-yet.example.com/')
    expect(made.resolver.asked).toBe(0)
  })

  it('counts what it refuses by rule, in few kinds whatever is sent', () => {
    const made = guard()
    for (const url of ['http://10.0.0.1/', 'http://localhost/', 'ftp://x', '/hook']) {
      expect(() => made.guard.check(url)).toThrow()
    }
    expect(made.refusals.counts).toEqual([
      { point: 'creation', rule: 'not_public', count: 2 },
      { point: 'creation', rule: 'text', count: 1 },
      { point: 'creation', rule: 'no_taker', count: 1 },
    ])
  })

  it('takes a path where something could take it', () => {
    expect(() => guard({}, [], true).guard.check('/hook')).not.toThrow()
    expect(refusal('/hook')).toMatchObject({ code: 'webhook_refused', status: 422 })
  })
})

describe('WebhookUrlGuard.resolveTarget', () => {
  it('gives every address when all are public, asking once', async () => {
    const addresses = ['1.1.1.1', '2606:4700:4700::1111']
    expect(await resolve('https://example.com/', addresses)).toEqual({ resolved: { ok: true, addresses }, asked: 1 })
  })

  it.each([[['1.1.1.1', '10.0.0.1']], [['169.254.169.254']], [['::ffff:127.0.0.1']], [[]]])(
    'refuses %j',
    async (addresses) => {
      expect((await resolve('https://example.com/', addresses)).resolved.ok).toBe(false)
    },
  )

  it('opens a listed host wherever it leads, except where nothing may', async () => {
    const change: WebhookSettingsChange = { allowedTargets: [{ kind: 'host', host: 'hooks.internal' }] }
    expect((await resolve('http://hooks.internal/', ['10.0.0.1'], change)).resolved.ok).toBe(true)
    expect((await resolve('http://hooks.internal/', ['169.254.169.254'], change)).resolved.ok).toBe(false)
  })

  it('asks nobody for an address', async () => {
    expect(await resolve('http://1.1.1.1/', [])).toEqual({ resolved: { ok: true, addresses: ['1.1.1.1'] }, asked: 0 })
  })
})
