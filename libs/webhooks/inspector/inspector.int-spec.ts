import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openTestDatabase, type TestDatabase } from '#testing'
import { signWebhook } from '../signature.js'
import { type WebhooksChange, WebhooksUnderTest } from '../webhooks.spec.support.js'
import { InspectorDesk } from './inspector-desk.js'
import type { RecordedRequestView } from './recorded-request.js'

const LOCAL = { host: 'localhost:8123' }

describe('the inspector over HTTP', () => {
  let db: TestDatabase
  let webhooks: WebhooksUnderTest
  beforeAll(async () => {
    db = await openTestDatabase()
  })
  afterAll(() => db.close())
  afterEach(() => webhooks.stop())

  async function open(change: WebhooksChange = {}): Promise<void> {
    webhooks = await WebhooksUnderTest.create(db, change)
    await webhooks.app.init()
    await webhooks.app.getHttpAdapter().getInstance().ready()
  }

  const list = (bin: string, headers: Record<string, string> = LOCAL) =>
    webhooks.app.inject({ method: 'GET', url: `/inspector/${bin}/requests`, headers })

  async function requests(bin: string): Promise<RecordedRequestView[]> {
    return (await list(bin)).json<{ requests: RecordedRequestView[] }>().requests
  }

  it('keeps any method, path, query and body, newest last', async () => {
    await open()
    const send = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, type: string, payload: string | Buffer) =>
      webhooks.app.inject({ method, url, headers: { 'content-type': type }, payload })
    const answer = await send('POST', '/inspector/box?a=1', 'application/json', '{"b":  1}')
    expect([answer.statusCode, answer.body]).toEqual([200, '{"ok":true}'])
    await send('POST', '/inspector/box', 'application/json', '{malformed')
    await send('PUT', '/inspector/box/deep/er', 'text/weird; x=1', Buffer.from([0x68, 0xff]))
    await send('DELETE', '/inspector/box', 'application/json', '')
    await webhooks.app.inject({ method: 'GET', url: '/inspector/box' })
    expect(await requests('box')).toMatchObject([
      { method: 'POST', path: '/inspector/box', query: 'a=1', body: '{"b":  1}', signature: 'absent' },
      { method: 'POST', body: '{malformed' },
      {
        method: 'PUT',
        path: '/inspector/box/deep/er',
        body: 'h\uFFFD',
        headers: { 'content-type': 'text/weird; x=1' },
      },
      { method: 'DELETE', body: '' },
      { method: 'GET', body: '', received_at: webhooks.clock.now().toISOString() },
    ])
    expect(await requests('other')).toEqual([])
  })

  it('fails on purpose, and says what it does not understand', async () => {
    await open()
    const post = (query: string) => webhooks.app.inject({ method: 'POST', url: `/inspector/box${query}` })
    expect((await post('?status=503')).statusCode).toBe(503)
    expect((await post('?status=204')).body).toBe('')
    for (const query of ['?status=99', '?status=abc', '?delay=31s', '?delay=2', '?delay=-1s']) {
      expect((await post(query)).statusCode).toBe(422)
    }
    expect(await requests('box')).toHaveLength(2)
  })

  it('ends its delays when the attempt is cut, and when the server stops', async () => {
    await open()
    const cut = new AbortController()
    const post = { method: 'POST', url: '/inspector/box?delay=20s', headers: {}, body: Buffer.alloc(0) }
    const before = webhooks.clock.waiting
    const desk = webhooks.app.get(InspectorDesk)
    const answers = [desk.receive('box', post, cut.signal), desk.receive('box', post)]
    expect(webhooks.clock.waiting).toBe(before + 2)
    cut.abort()
    await answers[0]
    expect(webhooks.clock.waiting).toBe(before + 1)
    desk.onModuleDestroy()
    await answers[1]
    expect(webhooks.clock.waiting).toBe(before)
  })

  it('waits as long as it is told', async () => {
    await open()
    let answered = false
    const answer = webhooks.app.inject({ method: 'POST', url: '/inspector/box?delay=2s' }).then(() => (answered = true))
    while (webhooks.clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
    await webhooks.clock.advance(1_999)
    expect(answered).toBe(false)
    await webhooks.clock.advance(1)
    expect(await answer).toBe(true)
  })

  it('judges signatures with the configured secrets', async () => {
    const key = Buffer.alloc(24, 1)
    await open({ webhooks: { secrets: [{ host: null, key }] } })
    const body = Buffer.from('{}')
    const signature = signWebhook({ id: 'd', timestamp: '1', body }, [key])
    const post = (over: Record<string, string>) =>
      webhooks.app.inject({
        method: 'POST',
        url: '/inspector/box',
        headers: { 'webhook-id': 'd', 'webhook-timestamp': '1', 'webhook-signature': signature, ...over },
        payload: body,
      })
    await post({})
    await post({ 'webhook-id': 'e' })
    expect((await requests('box')).map((request) => request.signature)).toEqual(['valid', 'invalid'])
  })

  describe('with large bodies', () => {
    const KIB = 1024
    const MIB = KIB * KIB
    const post = (payload: Buffer | string, headers: Record<string, string> = {}) => {
      return webhooks.app.inject({ method: 'POST', url: '/inspector/box', headers, payload })
    }
    const one = (id: string, headers: Record<string, string> = LOCAL, bin = 'box') =>
      webhooks.app.inject({ method: 'GET', url: `/inspector/${bin}/requests/${id}`, headers })

    it('lists the beginning of each, says how long it is, and gives it whole by its id', async () => {
      const key = Buffer.alloc(24, 1)
      await open({ webhooks: { secrets: [{ host: null, key }] } })
      const body = Buffer.from(`{"text":"${'ü'.repeat(100 * KIB)}"}`)
      const signature = signWebhook({ id: 'd', timestamp: '1', body }, [key])
      await post(body, { 'webhook-id': 'd', 'webhook-timestamp': '1', 'webhook-signature': signature })
      await post('{"a":1}')
      const [large, small] = await requests('box')
      expect(small).toMatchObject({ body: '{"a":1}', body_bytes: 7, body_cut: false })
      expect(large).toMatchObject({ body_bytes: body.length, body_cut: true, signature: 'valid' })
      // No letter is cut in two: 9 bytes before letters of two.
      expect(large?.body).toBe(body.toString().slice(0, 9 + (64 * KIB - 9 - 1) / 2))
      const whole = await one(large?.id ?? '')
      expect(whole.json()).toEqual({ ...large, body: body.toString(), body_cut: false })
      expect(whole.headers).toMatchObject({ 'cache-control': 'no-store' })
    })

    it('answers with bounded lists: the newest bodies first', async () => {
      await open()
      for (let nth = 0; nth < 20; nth += 1) await post(Buffer.alloc(100 * KIB, nth))
      const listed = await requests('box')
      expect(listed).toHaveLength(20)
      expect(listed.map(({ body }) => body.length)).toEqual([...Array(4).fill(0), ...Array(16).fill(64 * KIB)])
      expect(listed.every(({ body_cut, body_bytes }) => body_cut && body_bytes === 100 * KIB)).toBe(true)
    })

    it('cuts one that is longer than any webhook of this server', async () => {
      await open()
      const sent = { method: 'POST', url: '/inspector/box', headers: {}, body: Buffer.alloc(10 * MIB) }
      await webhooks.app.get(InspectorDesk).receive('box', sent)
      const [listed] = await requests('box')
      const answer = await one(listed?.id ?? '')
      const { body, body_cut, body_bytes } = answer.json<RecordedRequestView>()
      expect([body.length, body_cut, body_bytes]).toEqual([5 * MIB, true, 10 * MIB])
    })

    it('lets read one whom it lets read all, and has no other', async () => {
      await open()
      await post('x')
      const id = (await requests('box'))[0]?.id ?? ''
      expect((await one(id, { ...LOCAL, origin: 'https://evil.com' })).statusCode).toBe(403)
      const own = await one(id, { ...LOCAL, origin: 'http://localhost:8123' })
      expect(own.statusCode).toBe(200)
      expect(Object.keys(own.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
      for (const missing of [await one('x'), await one(id, LOCAL, 'other')]) {
        expect([missing.statusCode, missing.json()]).toEqual([404, { detail: 'Not Found' }])
      }
      // None of it was kept as a request for the bin.
      expect(await requests('box')).toHaveLength(1)
    })
  })

  it.each(['/inspector/', '/inspector', '/inspector//x'])('has no bin without a name: %s', async (url) => {
    await open()
    expect((await webhooks.app.inject({ method: 'POST', url })).statusCode).toBe(404)
  })

  it('does not judge without a secret', async () => {
    await open()
    await webhooks.app.inject({ method: 'POST', url: '/inspector/box', headers: { 'webhook-signature': 'v1,x' } })
    expect(await requests('box')).toMatchObject([{ signature: 'unchecked' }])
  })

  it('masks headers that the configuration fills from the environment', async () => {
    const headers = [
      { name: 'Authorization', value: 'Bearer sesame', filled: ['sesame'] },
      { name: 'X-Environment', value: 'spec', filled: [] },
    ]
    await open({ webhooks: { headers } })
    const sent = { authorization: 'Bearer sesame', 'x-environment': 'spec' }
    await webhooks.app.inject({ method: 'POST', url: '/inspector/box', headers: sent })
    const answer = await list('box')
    expect(answer.body).not.toContain('sesame')
    expect(answer.json()).toMatchObject({ requests: [{ headers: { authorization: '***', 'x-environment': 'spec' } }] })
  })

  it('lets only this machine read, and no page of another site', async () => {
    await open()
    expect((await list('box')).statusCode).toBe(200)
    expect((await list('box', { host: 'evil.com' })).statusCode).toBe(403)
    expect((await list('box', { ...LOCAL, origin: 'https://evil.com' })).statusCode).toBe(403)
    const own = await list('box', { ...LOCAL, origin: 'http://localhost:8123' })
    expect(own.statusCode).toBe(200)
    expect(Object.keys(own.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('asks for the admin key to read, in production too, and for nothing to record', async () => {
    await open({ mode: 'start', adminKey: 'secret' })
    expect((await webhooks.app.inject({ method: 'POST', url: '/inspector/box' })).statusCode).toBe(200)
    expect((await list('box')).statusCode).toBe(401)
    expect((await list('box', { 'x-admin-key': 'secret' })).statusCode).toBe(200)
  })

  it('is not there unless it is on', async () => {
    await open({ mode: 'start', webhooks: { inspector: false } })
    expect((await webhooks.app.inject({ method: 'POST', url: '/inspector/box' })).statusCode).toBe(404)
    expect((await list('box')).statusCode).toBe(404)
  })

  it('stands under the mount prefix', async () => {
    await open({ mountPrefix: '/agents' })
    expect((await webhooks.app.inject({ method: 'POST', url: '/agents/inspector/box' })).statusCode).toBe(200)
  })
})
