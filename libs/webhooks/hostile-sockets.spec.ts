import 'reflect-metadata'
import { isIP, type LookupFunction, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HOSTILE_ADDRESSES, HOSTILE_URLS } from '../../test/fixtures/webhook-urls.js'
import { httpPost, postTo } from './http-post.spec.support.js'
import { openPinned } from './pinned-connection.js'
import { ProxyTunnel } from './proxy-tunnel.js'
import { transportErrorCode } from './transport-error.js'
import type { UrlTarget } from './url-text-policy.js'

/** The address that was judged. Nothing is sent there either: no connect of this file is a real one. */
const PUBLIC = '93.184.216.34'

type Target = Pick<UrlTarget, 'scheme' | 'host' | 'port' | 'requestPath'>

/** Stands for the system's connect: notes which addresses it would have gone to, and refuses them all. */
class RefusedConnects {
  readonly addresses: string[] = []
  readonly #spy = vi.spyOn(Socket.prototype, 'connect')

  constructor() {
    const note = (...given: unknown[]) => this.#note(optionsOf(given))
    this.#spy.mockImplementation(function (this: Socket, ...given: unknown[]) {
      note(...given)
      process.nextTick(() => this.destroy(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })))
      return this
    })
  }

  stop(): void {
    this.#spy.mockRestore()
  }

  #note({ host = 'localhost', lookup }: { host?: string; lookup?: LookupFunction }): void {
    if (isIP(host) !== 0) this.addresses.push(host)
    else if (!lookup) this.addresses.push(`what the system says of ${host}`)
    else lookup(host, { all: true }, (_error, found) => this.addresses.push(...[found].flat().map(addressOf)))
  }
}

const addressOf = (found: string | { address: string }) => (typeof found === 'string' ? found : found.address)

/** `connect` takes options, or what `net.connect` has made of its arguments: a list that begins with them. */
function optionsOf([first]: unknown[]): { host?: string; lookup?: LookupFunction } {
  return (Array.isArray(first) ? first[0] : first) as object
}

/** What a URL says to whoever reads it as browsers do, and to one who only cuts it up: two targets, or one. */
function targetsOf(url: string): Target[] {
  const [, authority = '', requestPath = '/'] = /^(?:[^:/?#]*:)?[/\\]*([^/?#\\]*)(.*)$/s.exec(url) ?? []
  const scheme = /^https/i.test(url) ? 'https' : 'http'
  const [, host = '', port] = /^(?:.*@)?(.*?)(?::(\d{1,5}))?$/s.exec(authority) ?? []
  const cut = { scheme, host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? 80), requestPath } as const
  if (!URL.canParse(url)) return [cut]
  const { hostname, port: parsedPort, pathname, search } = new URL(url)
  const parsed = { scheme, host: hostname.replace(/^\[|\]$/g, ''), port: Number(parsedPort || 80) } as const
  return [cut, { ...parsed, requestPath: pathname + search }]
}

describe('hostile targets at the socket, let through by whoever should have judged them', () => {
  const http = httpPost()
  let connects: RefusedConnects

  beforeEach(() => void (connects = new RefusedConnects()))
  afterEach(() => {
    connects.stop()
    http.close()
  })

  /** The code with which the client ends, handed the target and what was judged. */
  async function codeOf({ host, scheme, port, ...over }: Target, addresses: readonly string[]): Promise<string> {
    const post = postTo(port, { host, scheme, addresses })
    const sent = http.send({ ...post, target: { ...post.target, ...over } })
    return sent.then(() => 'sent', transportErrorCode)
  }

  it.each(HOSTILE_URLS)('%j connects to nothing where nothing was judged', async (url) => {
    for (const target of targetsOf(url)) expect(await codeOf(target, [])).not.toBe('sent')
    expect(connects.addresses).toEqual([])
  })

  it.each(HOSTILE_URLS)('%j connects to no other address than the one that was judged', async (url) => {
    for (const target of targetsOf(url)) {
      connects.addresses.length = 0
      const code = await codeOf(target, [PUBLIC])
      if (isIP(target.host) !== 0) expect([code, connects.addresses]).toEqual(['blocked', []])
      else expect(connects.addresses.filter((address) => address !== PUBLIC)).toEqual([])
    }
  })

  it.each(HOSTILE_URLS)('%j is asked of a proxy by the judged address alone', async (url) => {
    const asked: string[] = []
    class Tunnel extends ProxyTunnel {
      override open(addresses: readonly string[]): Promise<Socket> {
        asked.push(...addresses)
        return Promise.reject(new Error('no'))
      }
    }
    const tunnel = new Tunnel({ scheme: 'http', host: '127.0.0.1', port: 1, authorization: null })
    for (const { host, port } of targetsOf(url)) {
      asked.length = 0
      const opened = new Promise((resolve) => {
        openPinned({ host, port, pinned: [PUBLIC] }, tunnel, () => new Socket(), resolve)
      })
      expect(await opened).toBeInstanceOf(Error)
      expect(asked).toEqual(isIP(host) === 0 ? [PUBLIC] : [])
    }
    expect(connects.addresses).toEqual([])
  })

  it.each(HOSTILE_ADDRESSES)('%j as a literal host connects to no other address than the judged one', async (host) => {
    for (const scheme of ['http', 'https'] as const) {
      connects.addresses.length = 0
      const code = await codeOf({ scheme, host, port: 80, requestPath: '/' }, [PUBLIC])
      if (isIP(host) !== 0) expect([code, connects.addresses]).toEqual(['blocked', []])
      else expect(connects.addresses).toEqual([PUBLIC])
    }
  })

  it.each(HOSTILE_ADDRESSES.filter((address) => isIP(address) !== 0))(
    '%j as what a socket is really connected to ends it before its first byte',
    async (remote) => {
      const socket = new Socket()
      Object.defineProperty(socket, 'remoteAddress', { value: remote })
      const written = vi.spyOn(socket, 'write')
      const ended = new Promise((resolve) => socket.once('error', resolve))
      openPinned({ host: 'example.com', port: 80, pinned: [PUBLIC] }, null, () => socket, undefined)
      socket.once('connect', () => socket.destroyed || socket.write('POST'))
      socket.emit('connect')
      expect(transportErrorCode(await ended)).toBe('blocked')
      expect(written).not.toHaveBeenCalled()
    },
  )
})
