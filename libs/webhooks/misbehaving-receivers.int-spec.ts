import 'reflect-metadata'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#kernel'
import { openTestDatabase, Receiver, type TestDatabase } from '#testing'
import { Resolver } from './resolver.js'
import {
  attempts,
  deliveries,
  delivery,
  settled,
  type WebhooksChange,
  WebhooksUnderTest,
} from './webhooks.spec.support.js'

/** Takes bytes and gives bytes: a receiver that keeps to no rule. */
class RawReceiver {
  readonly sockets: Socket[] = []

  private constructor(private readonly server: Server) {}

  /** `onRequest` is called with the first bytes of each request. */
  static async start(onRequest: (socket: Socket, nth: number) => void): Promise<RawReceiver> {
    const server = createServer((socket) => {
      receiver.sockets.push(socket)
      let requests = 0
      socket.on('error', () => undefined)
      socket.on('data', (bytes) => {
        if (bytes.includes('POST /')) onRequest(socket, (requests += 1))
      })
    })
    const receiver = new RawReceiver(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return receiver
  }

  url(scheme = 'http'): string {
    return `${scheme}://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
  }
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

/** Bytes of a body that nobody reads: more than the system keeps between the two, some 4 MiB of them. */
const TOO_MUCH = 12 * 1024 * 1024

describe('receivers that misbehave', () => {
  let db: TestDatabase
  let room: WebhooksUnderTest
  let raw: RawReceiver | null
  let receiver: Receiver

  beforeAll(async () => {
    db = await openTestDatabase()
    receiver = await Receiver.start()
  })
  afterAll(async () => {
    await db.close()
    await receiver.close()
  })
  beforeEach(async () => {
    await db.database.query('TRUNCATE webhook_deliveries CASCADE')
    raw = null
  })
  afterEach(async () => {
    await room.stop()
    raw?.close()
  })

  async function start(change: WebhooksChange = {}): Promise<void> {
    room = await WebhooksUnderTest.start(db, change)
  }

  async function sendTo(onRequest: (socket: Socket, nth: number) => void): Promise<RawReceiver> {
    raw = await RawReceiver.start(onRequest)
    await start()
    await room.finish({ webhook: raw.url() })
    return raw
  }

  it.each([
    ['headers without end', `HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(20_000)}`, 'protocol'],
    ['one header of 64 KiB', `HTTP/1.1 200 OK\r\nx-a: ${'b'.repeat(65_536)}\r\n\r\n`, 'protocol'],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'protocol'],
    ['a status that is none', 'HTTP/1.1 two hundred\r\n\r\n', 'protocol'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nok', 'protocol'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n', 'protocol'],
    [
      'a switch of protocols',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      'protocol',
    ],
  ])('%s is a failed attempt that is tried again', async (_name, bytes, lastErrorCode) => {
    await sendTo((socket) => void socket.write(bytes))
    await delivery(db, { status: 'pending', attempts: 1, lastErrorCode, lastHttpStatus: null })
  })

  it('a connection that is closed without an answer is a reset', async () => {
    await sendTo((socket) => void socket.end())
    await delivery(db, { status: 'pending', attempts: 1, lastErrorCode: 'reset' })
  })

  it('provisional answers are no answers', async () => {
    await sendTo((socket) => {
      socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n')
      socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${OK}`)
    })
    await delivery(db, { status: 'delivered', attempts: 1, lastHttpStatus: 200 })
  })

  it.each([
    ['provisional answers', 'HTTP/1.1 102 Processing\r\n\r\n'],
    ['bytes of a header', 'HTTP/1.1 200 OK\r\nx-slow: '],
    ['nothing', ''],
  ])('%s and then silence is cut at the deadline', async (_name, bytes) => {
    const asked = new Promise<Socket>((resolve) => {
      void sendTo((socket) => {
        socket.write(bytes)
        resolve(socket)
      })
    })
    const socket = await asked
    const closed = once(socket, 'close')
    await room.clock.advance(9_999)
    expect(await deliveries(db)).toMatchObject([{ status: 'delivering' }])
    await room.clock.advance(1)
    await delivery(db, { status: 'pending', attempts: 1, lastErrorCode: 'timeout' })
    await closed
  })

  it('a TLS handshake without an answer, and a name server without one, are cut at the deadline', async () => {
    raw = await RawReceiver.start(() => undefined)
    class Silent extends Resolver {
      override resolve(): Promise<string[]> {
        return new Promise(() => undefined)
      }
    }
    await start({ resolver: new Silent() })
    await room.finish({ webhook: raw.url('https') })
    await room.finish({ webhook: 'http://hooks.example.com/', runId: newId() })
    while (raw.sockets.length === 0) await new Promise((resolve) => setImmediate(resolve))
    while ((await deliveries(db)).some(({ status }) => status === 'pending')) await room.clock.advance(0)
    await room.clock.advance(10_000)
    await settled(db, ['pending', 'pending'])
    const outcomes = (await attempts(db)).map(({ errorCode, durationMs }) => [errorCode, durationMs])
    expect(outcomes).toEqual([
      ['timeout', 10_000],
      ['timeout', 10_000],
    ])
  })

  it('a body without end is cut at its bound: nobody reads or keeps it', async () => {
    let taken = 0
    const server = await sendTo((socket) => {
      const chunk = Buffer.alloc(65_536, 'x')
      const push = () => {
        while (!socket.destroyed && socket.write(chunk)) taken += chunk.length
      }
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.on('drain', push)
      push()
    })
    await delivery(db, { status: 'delivered', lastHttpStatus: 200 })
    while (!server.sockets[0]?.destroyed) await new Promise((resolve) => setImmediate(resolve))
    expect((await attempts(db))[0]?.responseBody).toBe('x'.repeat(4_096))
    // What fits into the buffers of the system between the two, and no more.
    expect(taken).toBeLessThan(16 * 1024 * 1024)
  })

  it('an answer before the body was read counts, and the connection does not stay', async () => {
    raw = await RawReceiver.start((socket) => {
      socket.pause()
      socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n')
    })
    await start({ webhooks: { maxBodyBytes: 2 * TOO_MUCH } })
    const valuesJson = JSON.stringify({ text: 'x'.repeat(TOO_MUCH) })
    await room.finish({ webhook: raw.url(), valuesJson })
    await expect
      .poll(() => attempts(db), { timeout: 20_000, interval: 50 })
      .toMatchObject([{ errorCode: 'status', httpStatus: 413 }])
    const [socket] = raw.sockets
    // Whether what was left of the body is followed by an end or by a reset is for the system to say.
    const closed = new Promise((resolve) => socket?.once('close', resolve))
    socket?.resume()
    await closed
    expect(socket?.bytesRead).toBeLessThan(TOO_MUCH)
  })

  it('a kept connection that is stale costs one instant retry, not counted', async () => {
    const server = await sendTo((socket, nth) => (nth === 1 ? void socket.write(OK) : socket.resetAndDestroy()))
    await delivery(db, { status: 'delivered', attempts: 1 })
    await room.finish({ webhook: server.url(), runId: newId() })
    await settled(db, ['delivered', 'delivered'])
    expect((await attempts(db)).map(({ attempt }) => attempt)).toEqual([1, 1])
    expect(server.sockets).toHaveLength(2)
  })

  it('a kept connection that is stale, and a new one that is reset too, are one failed attempt', async () => {
    let answered = 0
    const server = await sendTo((socket) => ((answered += 1) === 1 ? void socket.write(OK) : socket.resetAndDestroy()))
    await delivery(db, { status: 'delivered', attempts: 1 })
    await room.finish({ webhook: server.url(), runId: newId() })
    while ((await attempts(db)).length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await attempts(db)).map(({ errorCode }) => errorCode)).toEqual([null, 'reset'])
    expect(answered).toBe(3)
  })

  it.each([400, 401, 404, 413, 422])('a %i is tried three times in all', async (status) => {
    receiver.otherwise({ status })
    await start()
    await room.finish({ webhook: receiver.url() })
    await delivery(db, { status: 'pending', attempts: 1, lastHttpStatus: status })
    await room.clock.advance(5_000)
    await delivery(db, { status: 'pending', attempts: 2, lastHttpStatus: status })
    await room.clock.advance(30_000)
    await delivery(db, { status: 'dead', attempts: 3, lastHttpStatus: status })
  })

  const HOUR_S = 3_600
  it.each([
    [429, '60', 60],
    [503, '60', 60],
    [503, '1', 5],
    [503, 'Sun, 01 Mar 2026 12:01:02 GMT', 60],
    [503, 'Sun, 01 Mar 2026 11:00:00 GMT', 5],
    [503, 'soon', 5],
    [503, '-60', 5],
    [503, '1e9', 5],
    [503, '', 5],
    [503, '9'.repeat(400), 24 * HOUR_S],
    [429, 'Fri, 01 Jan 2100 00:00:00 GMT', 24 * HOUR_S],
    [500, '60', 5],
    [408, '60', 5],
    [302, '60', 5],
    [400, '60', 5],
  ])('%i with Retry-After %j waits %i s', async (status, retryAfter, seconds) => {
    receiver.answer({ status, headers: { 'retry-after': retryAfter } })
    await start()
    await room.finish({ webhook: receiver.url() })
    const { nextAttemptAt } = await delivery(db, { status: 'pending', attempts: 1, lastHttpStatus: status })
    const waitMs = new Date(nextAttemptAt ?? 0).getTime() - room.clock.now().getTime()
    expect(waitMs).toBe(seconds * 1_000)
  })
})
