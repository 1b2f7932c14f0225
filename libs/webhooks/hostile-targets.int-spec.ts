import 'reflect-metadata'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openTestDatabase, Receiver, TEST_SERVER_PORT, type TestDatabase } from '#testing'
import { ACCEPTED_URLS, HOSTILE_ADDRESSES, HOSTILE_URLS } from '../../test/fixtures/webhook-urls.js'
import { ConnectWatch } from './connects.spec.support.js'
import { httpPost, postTo } from './http-post.spec.support.js'
import { HttpPost, type Post } from './http-post.js'
import { Refusals } from './refusals.js'
import { Resolver } from './resolver.js'
import { transportErrorCode } from './transport-error.js'
import {
  allDelivered,
  attempts,
  deliveries,
  delivery,
  settled,
  type WebhooksChange,
  WebhooksUnderTest,
} from './webhooks.spec.support.js'

/** A public address; nothing is to be connected to, so nothing is. */
const PUBLIC = '93.184.216.34'

/** An address for documentation (RFC 5737), which leads nowhere: opened where something is to be connected to. */
const NOWHERE = '192.0.2.77'

/** Gives the next of its answers to each question, whatever the name. */
class Turncoat extends Resolver {
  readonly asked: string[] = []

  constructor(private readonly answers: readonly (readonly string[])[]) {
    super()
  }

  override resolve(host: string): Promise<string[]> {
    this.asked.push(host)
    return Promise.resolve([...(this.answers[this.asked.length - 1] ?? this.answers.at(-1) ?? [])])
  }
}

describe('hostile targets', () => {
  let db: TestDatabase
  let receiver: Receiver
  /** Null on a machine without IPv6. */
  let onIpv6: Server | null
  let watch: ConnectWatch
  let webhooks: WebhooksUnderTest | null

  beforeAll(async () => {
    db = await openTestDatabase()
    receiver = await Receiver.start()
    const server = createServer((socket) => socket.destroy())
    onIpv6 = await once(server.listen(0, '::1'), 'listening').then(
      () => server,
      () => null,
    )
  })
  afterAll(async () => {
    await db.close()
    await receiver.close()
    onIpv6?.close()
  })
  beforeEach(async () => {
    await db.database.query('TRUNCATE webhook_deliveries CASCADE')
    watch = new ConnectWatch()
    webhooks = null
  })
  afterEach(async () => {
    watch.stop()
    await webhooks?.stop()
  })

  /** As in production: nothing private is open. */
  async function start(change: WebhooksChange = {}): Promise<WebhooksUnderTest> {
    const settings = { allowPrivateNetworks: false, ...change.webhooks }
    webhooks = await WebhooksUnderTest.start(db, { ...change, webhooks: settings })
    return webhooks
  }

  async function storedAttempts(count: number): Promise<void> {
    while ((await attempts(db)).length < count) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  // PostgreSQL keeps no U+0000: such a URL cannot be in the table.
  const storable = HOSTILE_URLS.map(([url]) => url).filter((url) => !url.includes('\u0000'))

  it('each of the table, written under laxer rules, is given up before anything is looked up or connected to', async () => {
    const resolver = new Turncoat([[PUBLIC]])
    const room = await start({ resolver })
    for (const webhook of storable) await room.finish({ webhook })
    await settled(
      db,
      storable.map(() => 'dead'),
    )
    const rows = await deliveries(db)
    expect(new Set(rows.map(({ lastErrorCode }) => lastErrorCode))).toEqual(new Set(['blocked']))
    expect(new Set(rows.map(({ attempts: count }) => count))).toEqual(new Set([1]))
    expect(resolver.asked).toEqual([])
    expect(watch.ports.filter((port) => port !== TEST_SERVER_PORT)).toEqual([])
    const counts = room.app.get(Refusals).counts
    expect(new Set(counts.map(({ point, rule }) => `${point} ${rule}`))).toEqual(
      new Set(['text', 'not_public', 'ports', 'length'].map((rule) => `attempt ${rule}`)),
    )
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(storable.length)
  })

  it('each that is to be accepted goes out: to its host under its path, once its name is looked up', async () => {
    const resolver = new Turncoat([[PUBLIC]])
    const room = await start({ resolver })
    const posts: Post[] = []
    // In place of the client: nothing is sent to the strangers who own these names.
    vi.spyOn(room.app.get(HttpPost), 'send').mockImplementation((post) => {
      posts.push(post)
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0) })
    })
    for (const [webhook] of ACCEPTED_URLS) await room.finish({ webhook })
    await allDelivered(db, ACCEPTED_URLS.length)
    const sent = posts.map(({ target }) => `${target.hostKey} ${target.requestPath}`)
    expect(sent.toSorted()).toEqual(ACCEPTED_URLS.map(([, hostKey, path]) => `${hostKey} ${path}`).toSorted())
    for (const { target, addresses } of posts) expect(addresses).toEqual([target.isLiteral ? target.host : PUBLIC])
    const names = posts.filter(({ target }) => !target.isLiteral).map(({ target }) => target.host)
    expect(resolver.asked.toSorted()).toEqual(names.toSorted())
    expect(watch.ports.filter((port) => port !== TEST_SERVER_PORT)).toEqual([])
  })

  it('an innocent name that resolves to a forbidden address, alone or among others, is blocked three times', async () => {
    const names = Object.fromEntries(
      HOSTILE_ADDRESSES.flatMap((address, n) => [
        [`alone-${n}.example.com`, [address]],
        [`last-${n}.example.com`, [PUBLIC, address]],
        [`first-${n}.example.com`, [address, PUBLIC]],
      ]),
    )
    const room = await start({ names })
    for (const name of Object.keys(names)) await room.finish({ webhook: `http://${name}:${receiver.port}/` })
    const count = Object.keys(names).length
    await storedAttempts(count)
    await room.clock.advance(5_000)
    await storedAttempts(2 * count)
    await room.clock.advance(30_000)
    await settled(
      db,
      Object.keys(names).map(() => 'dead'),
    )
    const outcomes = (await deliveries(db)).map((row) => `${row.attempts} ${row.lastErrorCode}`)
    expect(new Set(outcomes)).toEqual(new Set(['3 blocked']))
    expect(room.app.get(Refusals).counts).toEqual([{ point: 'attempt', rule: 'not_public', count: 3 * count }])
    expect(watch.ports).not.toContain(receiver.port)
    expect(receiver.requests).toEqual([])
  })

  it.each([
    ['127.0.0.1', 'http'],
    ['127.0.0.1', 'https'],
    ['::1', 'http'],
    ['::1', 'https'],
    ['::ffff:127.0.0.1', 'http'],
    ['169.254.169.254', 'http'],
  ] as const)('the agent, handed the unjudged %s over %s, connects to nothing', async (host, scheme) => {
    const http = httpPost()
    const port = host === '::1' && onIpv6 ? (onIpv6.address() as AddressInfo).port : receiver.port
    const sent = http.send(postTo(port, { host, scheme, addresses: [PUBLIC] }))
    await expect(sent.catch(transportErrorCode)).resolves.toBe('blocked')
    expect(watch.ports).not.toContain(port)
    http.close()
  })

  it('what a socket is really connected to is looked at before its first byte', async () => {
    const http = httpPost()
    const before = receiver.requests.length
    for (const scheme of ['http', 'https'] as const) {
      // 0.0.0.0 leads to this machine: the remote address of the socket is then another one than was asked for.
      const sent = http.send(postTo(receiver.port, { host: 'hooks.example.com', scheme, addresses: ['0.0.0.0'] }))
      await expect(sent.catch(transportErrorCode)).resolves.toBe('blocked')
    }
    expect(watch.ports).toEqual([receiver.port, receiver.port])
    expect(receiver.requests).toHaveLength(before)
    http.close()
  })

  it('a name that answers publicly at first and with this machine afterwards is asked once an attempt', async () => {
    const resolver = new Turncoat([[NOWHERE], ['127.0.0.1']])
    const allowedTargets = [{ kind: 'cidr', address: NOWHERE, prefixLength: 32 }] as const
    const room = await start({ resolver, webhooks: { allowedTargets } })
    await room.finish({ webhook: `http://rebind.example.com:${receiver.port}/` })
    while (!watch.ports.includes(receiver.port)) await new Promise((resolve) => setImmediate(resolve))
    // The first attempt hangs or fails, as this machine's network has it; the second comes 5 s after its end.
    await room.clock.advance(10_000)
    await delivery(db, { status: 'pending' })
    await room.clock.advance(10_000)
    await delivery(db, { status: 'pending', attempts: 2, lastErrorCode: 'blocked' })
    expect(resolver.asked).toEqual(['rebind.example.com', 'rebind.example.com'])
    expect((await attempts(db)).map(({ errorCode }) => errorCode === 'blocked')).toEqual([false, true])
    expect(watch.ports.filter((port) => port === receiver.port)).toHaveLength(1)
    expect(receiver.requests).toEqual([])
  })

  it('a literal address is never looked up', async () => {
    const resolver = new Turncoat([['127.0.0.1']])
    const allowedTargets = [{ kind: 'cidr', address: '127.0.0.1', prefixLength: 32 }] as const
    const room = await start({ resolver, webhooks: { allowedTargets } })
    await room.finish({ webhook: receiver.url() })
    await delivery(db, { status: 'delivered' })
    expect(resolver.asked).toEqual([])
    receiver.requests.length = 0
  })
})
