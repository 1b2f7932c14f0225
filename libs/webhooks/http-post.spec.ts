import 'reflect-metadata'
import { HttpService } from '@nestjs/axios'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Settings } from '#config'
import { Receiver } from '#testing'
import { HttpPost, type Post } from './http-post.js'
import { MAX_KEPT_SOCKETS, PinnedHttpsAgent } from './pinned-agent.js'
import { transportErrorCode } from './transport-error.js'
import type { UrlTarget } from './url-text-policy.js'
import { webhookSettings } from './webhook-settings.spec.support.js'

function target(port: number, host = '127.0.0.1'): UrlTarget {
  const hostKey = `http://${host}:${port}`
  return { kind: 'url', scheme: 'http', host, isLiteral: host === '127.0.0.1', port, requestPath: '/', hostKey }
}

function post(port: number, over: Partial<Post> = {}): Post {
  const signal = new AbortController().signal
  return { target: target(port), addresses: ['127.0.0.1'], headers: {}, body: Buffer.from('{}'), signal, ...over }
}

/** Answers so many requests of a connection; resets it on the next, as a server that had closed it. */
async function forgetfulServer(answers: number) {
  const connections: Socket[] = []
  const server = createServer((socket) => {
    connections.push(socket)
    let requests = 0
    socket.on('data', () => {
      requests += 1
      if (requests > answers) socket.resetAndDestroy()
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, connections, port: (server.address() as AddressInfo).port }
}

const settings = { webhooks: webhookSettings() } as Settings

describe('HttpPost', () => {
  let receiver: Receiver
  const http = new HttpPost(new HttpService(), settings)
  beforeAll(async () => {
    receiver = await Receiver.start()
  })
  afterAll(async () => {
    http.close()
    await receiver.close()
  })

  it('reads the answer up to 4 KiB', async () => {
    receiver.answer({ status: 202, headers: { 'X-Told': 'yes' }, body: 'x'.repeat(1_000_000) })
    const answer = await http.send(post(receiver.port))
    expect(answer).toMatchObject({ status: 202, headers: { 'x-told': 'yes' } })
    expect(answer.body).toHaveLength(4096)
  })

  it('does not decompress', async () => {
    receiver.answer({ status: 200, headers: { 'content-encoding': 'gzip' }, body: 'not gzip at all' })
    expect(String((await http.send(post(receiver.port))).body)).toBe('not gzip at all')
  })

  it('writes nothing to an address that was not judged', async () => {
    const before = receiver.requests.length
    const sent = http.send(post(receiver.port, { addresses: ['192.0.2.1'] }))
    await expect(sent.catch(transportErrorCode)).resolves.toBe('blocked')
    expect(receiver.requests).toHaveLength(before)
  })

  it('tries every judged address of a name', async () => {
    const addresses = ['::1', '127.0.0.1']
    const over = { target: target(receiver.port, 'hooks.example.com'), addresses }
    expect(await http.send(post(receiver.port, over))).toMatchObject({ status: 200 })
  })

  it('does not reuse a socket for another judged address', async () => {
    await http.send(post(receiver.port))
    const sent = http.send(post(receiver.port, { addresses: ['192.0.2.1'] }))
    await expect(sent.catch(transportErrorCode)).resolves.toBe('blocked')
  })

  it('goes by no proxy of the environment', async () => {
    const proxy = await Receiver.start()
    process.env['http_proxy'] = proxy.url('')
    try {
      await http.send(post(receiver.port, { target: target(receiver.port, 'hooks.example.com') }))
    } finally {
      delete process.env['http_proxy']
    }
    expect(proxy.requests).toEqual([])
    await proxy.close()
  })

  it('tries once more, on a new connection, when the kept one was closed', async () => {
    const { server, connections, port } = await forgetfulServer(1)
    await http.send(post(port))
    expect(await http.send(post(port))).toMatchObject({ status: 200 })
    expect(connections).toHaveLength(2)
    for (const socket of connections) socket.destroy()
    server.close()
  })

  it('keeps connections between requests', async () => {
    const { server, connections, port } = await forgetfulServer(2)
    await http.send(post(port))
    await http.send(post(port))
    expect(connections).toHaveLength(1)
    for (const socket of connections) socket.destroy()
    server.close()
  })

  it('keeps a TLS connection for the same judged addresses alone, in whatever order they come', () => {
    const agent = new PinnedHttpsAgent(true, null)
    const name = (...pinned: string[]) => agent.getName({ host: 'hooks.example.com', port: 443, pinned })
    expect(name('192.0.2.1', '192.0.2.2')).toBe(name('192.0.2.2', '192.0.2.1'))
    expect(name('192.0.2.1')).not.toBe(name('192.0.2.2'))
    expect(name('192.0.2.1')).not.toBe(name('192.0.2.1', '192.0.2.2'))
  })

  it('keeps no more unused connections than its bound, however many hosts callers name', async () => {
    const { server, connections, port } = await forgetfulServer(1)
    for (let n = 0; n < MAX_KEPT_SOCKETS + 20; n += 1) {
      await http.send(post(port, { target: target(port, `h${n}.example.com`) }))
    }
    const open = () => connections.filter((socket) => !socket.destroyed && !socket.readableEnded)
    while (open().length > MAX_KEPT_SOCKETS) await new Promise((resolve) => setImmediate(resolve))
    expect(connections).toHaveLength(MAX_KEPT_SOCKETS + 20)
    for (const socket of connections) socket.destroy()
    server.close()
  })

  it.each(['__proto__', 'constructor', 'toString'])('takes the response header %s for text', async (name) => {
    receiver.answer({ status: 200, headers: { [name]: 'x', 'retry-after': '5' } })
    const { headers } = await http.send(post(receiver.port))
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype)
    expect(headers['retry-after']).toBe('5')
  })

  it('speaks TLS to https, and to judged addresses only there too', async () => {
    const { server, connections, port } = await forgetfulServer(0)
    const secure = { ...target(port), scheme: 'https', hostKey: `https://127.0.0.1:${port}` } as const
    const greeted = new Promise<Buffer>((resolve) => {
      server.once('connection', (socket: Socket) => socket.once('data', resolve))
    })
    const sent = http.send(post(port, { target: secure }))
    // 0x16: the handshake of TLS.
    expect((await greeted)[0]).toBe(0x16)
    await expect(sent).rejects.toThrow()

    const unjudged = http.send(post(port, { target: secure, addresses: ['192.0.2.1'] }))
    await expect(unjudged.catch(transportErrorCode)).resolves.toBe('blocked')
    for (const socket of connections) socket.destroy()
    server.close()
  })

  it.each([
    ['a name', 'hooks.example.com', ['255.255.255.255']],
    ['a name with two addresses', 'hooks.example.com', ['255.255.255.255', '255.255.255.255']],
    ['a literal', '255.255.255.255', ['255.255.255.255']],
  ])('outlives a connect that fails in the same tick: %s', async (_name, host, addresses) => {
    const uncaught: unknown[] = []
    const note = (error: unknown) => void uncaught.push(error)
    process.on('uncaughtException', note)
    try {
      for (const scheme of ['http', 'https'] as const) {
        const bad = { ...target(9, host), scheme, hostKey: `${scheme}://${host}:9` }
        const sent = http.send(post(9, { target: bad, addresses }))
        await expect(sent.catch(transportErrorCode)).resolves.toBe('unreachable')
      }
      expect(uncaught).toEqual([])
    } finally {
      process.off('uncaughtException', note)
    }
  })

  it('leaves alone the axios that projects import', () => {
    const before = { ...new HttpService().axiosRef.defaults }
    new HttpPost(new HttpService(), { webhooks: webhookSettings() } as Settings).close()
    expect({ ...new HttpService().axiosRef.defaults }).toEqual(before)
  })

  it('sends nothing when it was told to end before it began', async () => {
    const before = receiver.requests.length
    await expect(http.send(post(receiver.port, { signal: AbortSignal.abort() }))).rejects.toThrow('the request was cut')
    // Whatever had been on its way would be in front of this one.
    await http.send(post(receiver.port))
    expect(receiver.requests).toHaveLength(before + 1)
  })

  it('ends when it is told to', async () => {
    receiver.answer('hang')
    const cut = new AbortController()
    const sent = http.send(post(receiver.port, { signal: cut.signal }))
    cut.abort()
    await expect(sent).rejects.toThrow()
  })
})
