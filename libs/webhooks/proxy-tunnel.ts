import { request as httpRequest } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { WebhookProxy } from '#config'

/** Code of the error that says that the proxy gave no connection. */
export const PROXY_FAILED = 'ERR_WEBHOOK_PROXY'

/**
 * Opens connections through `SIGNALBOX_WEBHOOK_PROXY` by CONNECT (RFC 9110 section 9.3.6), to an address and never to a
 * name: the proxy must not look up anew what was judged here.
 */
export class ProxyTunnel {
  constructor(private readonly proxy: WebhookProxy) {}

  /** A socket to the first of the addresses that the proxy reaches. @throws Error `ERR_WEBHOOK_PROXY`. */
  async open(addresses: readonly string[], port: number, cut?: AbortSignal): Promise<Socket> {
    let cause: unknown = new Error('no address')
    for (const address of addresses) {
      try {
        return await this.#connect(`${address.includes(':') ? `[${address}]` : address}:${port}`, cut)
      } catch (error) {
        cause = error
        if (cut?.aborted) break
      }
    }
    throw Object.assign(new Error('the webhook proxy gave no connection', { cause }), { code: PROXY_FAILED })
  }

  #connect(authority: string, cut: AbortSignal | undefined): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const request = (this.proxy.scheme === 'https' ? httpsRequest : httpRequest)(this.#request(authority, cut))
      request.once('error', reject)
      request.once('connect', ({ statusCode = 0 }, socket: Socket, early) => {
        // Nothing may come before we have spoken: what does was said by somebody else than the receiver.
        if (statusCode >= 200 && statusCode < 300 && early.length === 0) return resolve(socket)
        socket.destroy()
        reject(new Error(`the webhook proxy answered ${statusCode}`))
      })
      request.end()
    })
  }

  #request(authority: string, cut: AbortSignal | undefined): RequestOptions {
    const { host, port, authorization } = this.proxy
    return {
      method: 'CONNECT',
      host,
      port,
      path: authority,
      headers: { host: authority, ...(authorization !== null && { 'proxy-authorization': authorization }) },
      // A connection of its own: it becomes the tunnel.
      agent: false,
      ...(cut && { signal: cut }),
    }
  }
}
