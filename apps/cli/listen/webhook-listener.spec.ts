import 'reflect-metadata'
import { connect } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Receiver } from '#testing'
import { Forwarder } from './forwarder.js'
import type { ReceivedWebhook } from './received-webhook.js'
import { renderJson, renderText } from './render-webhook.js'
import { WebhookListener } from './webhook-listener.js'

const KEY = Buffer.alloc(32, 7)
const NOW = new Date('2026-03-01T12:00:00.000Z')
const BODY = JSON.stringify({ run_id: 'r1', status: 'success', values: { evil: '\u001b[2J' } })

describe('signalbox listen', () => {
  let app: Receiver
  let listener: WebhookListener | null
  let arrived: ReceivedWebhook[]

  beforeEach(async () => {
    app = await Receiver.start()
    listener = null
    arrived = []
  })
  afterEach(async () => {
    await listener?.close()
    await app.close()
  })

  async function listen(to: string | null = null, secrets = [{ host: null, key: KEY }]): Promise<string> {
    const forwarder = to === null ? null : new Forwarder(new URL(to))
    const onWebhook = (webhook: ReceivedWebhook) => void arrived.push(webhook)
    listener = new WebhookListener({ secrets, forwarder, now: () => NOW, onWebhook })
    return listener.listen(0, '127.0.0.1')
  }

  function post(url: string, headers: Record<string, string> = {}, body: string | Buffer = BODY): Promise<Response> {
    return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
  }

  /** As the server signs, at this time. */
  function signed(at: Date): Record<string, string> {
    const signature = new Webhook(`whsec_${KEY.toString('base64')}`).sign('msg_1', at, BODY)
    const timestamp = String(at.getTime() / 1000)
    return { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': signature }
  }

  it.each([
    ['valid', NOW, {}],
    ['stale', new Date(NOW.getTime() - 301_000), {}],
    ['invalid', NOW, { 'webhook-id': 'msg_2' }],
  ])('says whether the signature is %s', async (state, at, change) => {
    const url = await listen()
    expect((await post(`${url}/hook`, { ...signed(at), ...change })).status).toBe(200)
    expect(arrived).toMatchObject([{ signature: state, path: '/hook', forwarded: null }])
  })

  it('says that there is no signature, or nothing to check it with', async () => {
    await post(await listen())
    await listener?.close()
    await post(await listen(null, []), signed(NOW))
    expect(arrived.map(({ signature }) => signature)).toEqual(['absent', 'unchecked'])
  })

  it('passes the bytes and headers on and gives the answer of the app back', async () => {
    app.answer({ status: 503, headers: { 'retry-after': '7', 'set-cookie': 'x=1' }, body: 'later' })
    const url = await listen(app.url('/in?token=1'))
    const answer = await post(`${url}/anything`, { ...signed(NOW), authorization: 'Bearer abc' })
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('set-cookie')]).toEqual([
      503,
      '7',
      null,
    ])
    expect(await answer.text()).toBe('later')
    const request = await app.next()
    expect(request.url).toBe('/in?token=1')
    expect(request.body.toString()).toBe(BODY)
    expect(request.headers).toMatchObject({ ...signed(NOW), authorization: 'Bearer abc' })
    expect(request.headers.host).toBe(`127.0.0.1:${app.port}`)
    expect(arrived).toMatchObject([{ forwarded: { status: 503 } }])
  })

  it('keeps path and query where the app is named by its origin alone', async () => {
    await post(`${await listen(app.url('/').slice(0, -1))}/a/b?c=%20d`)
    expect((await app.next()).url).toBe('/a/b?c=%20d')
  })

  it('follows no redirect', async () => {
    app.answer({ status: 302, headers: { location: app.url('/elsewhere') } })
    expect((await fetch(await listen(app.url()), { method: 'POST', body: BODY, redirect: 'manual' })).status).toBe(302)
    expect(app.requests).toHaveLength(1)
  })

  it('answers 502 for an app that is down', async () => {
    const gone = app.url()
    await app.close()
    expect((await post(await listen(gone))).status).toBe(502)
    expect(arrived).toMatchObject([{ forwarded: { failed: 'ECONNREFUSED' } }])
    app = await Receiver.start()
  })

  it('takes posts only, of 10 MiB at most', async () => {
    const url = await listen()
    expect((await fetch(url)).status).toBe(405)
    expect((await post(url, {}, Buffer.alloc(10 * 1024 * 1024 + 1))).status).toBe(413)
    expect(arrived).toEqual([])
  })

  it('outlives a request that breaks off', async () => {
    const url = await listen()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf')
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.resetAndDestroy()
    expect((await post(url)).status).toBe(200)
    expect(arrived).toHaveLength(1)
  })

  it('prints what came for people and for programs, harmless for a terminal and without credentials', async () => {
    await post(`${await listen()}/h?q=1`, { ...signed(NOW), authorization: 'Bearer abc', 'x-signalbox-attempt': '2' })
    const [webhook] = arrived as [ReceivedWebhook]
    const text = renderText(webhook)
    expect(text.split('\n').slice(0, 2)).toEqual([
      '2026-03-01T12:00:00.000Z  success  run r1  signature valid  POST /h?q=1',
      '  webhook-id msg_1  attempt 2  thread -',
    ])
    const line = renderJson(webhook)
    expect(JSON.parse(line)).toMatchObject({
      path: '/h?q=1',
      signature: 'valid',
      headers: { 'webhook-id': 'msg_1', 'x-signalbox-attempt': '2' },
      body: { run_id: 'r1', values: { evil: '\u001b[2J' } },
    })
    expect(line.trimEnd()).not.toContain('\n')
    expect(text + line).not.toContain('\u001b')
    expect(text + line).not.toContain('Bearer')
  })
})
