import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Certificate } from './certificates.js'

/** How the proxy treats a CONNECT: it connects, answers with a status, or never answers. */
export type ProxyManner = 'connect' | 'hang' | number

/** A small real proxy on 127.0.0.1 that speaks CONNECT, and remembers what it was asked. */
export class ConnectProxy {
  /** `authority` and `Proxy-Authorization` of every CONNECT, oldest first. */
  readonly asked: { readonly authority: string; readonly authorization: string | null }[] = []
  /** Requests of any other kind. */
  readonly others: string[] = []
  manner: ProxyManner = 'connect'
  readonly #sockets = new Set<Duplex>()

  private constructor(
    private readonly server: Server,
    /** Where it connects to, whatever it is asked for; null: where it is asked for. */
    private readonly target: number | null,
  ) {
    server.on('connection', (socket: Socket) => this.#keep(socket))
    server.on('connect', (request: IncomingMessage, client: Duplex) => this.#connect(request, client))
    server.on('request', (request: IncomingMessage) => {
      this.others.push(`${request.method} ${request.url}`)
      request.socket.destroy()
    })
  }

  /** `targetPort` on 127.0.0.1 takes every connection; `tls` makes it an https proxy. */
  static async start({ targetPort = null, tls }: { targetPort?: number | null; tls?: Certificate } = {}) {
    const server = tls ? createHttpsServer({ cert: tls.cert, key: tls.key }) : createHttpServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return new ConnectProxy(server, targetPort)
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.server.close(() => resolve()))
  }

  #connect(request: IncomingMessage, client: Duplex): void {
    const authority = request.url ?? ''
    this.asked.push({ authority, authorization: request.headers['proxy-authorization'] ?? null })
    this.#keep(client)
    if (this.manner === 'hang') return
    if (this.manner !== 'connect') return void client.end(`HTTP/1.1 ${this.manner} No\r\n\r\n`)
    const upstream = this.#keep(connect(this.target ?? Number(authority.split(':').pop()), '127.0.0.1'))
    upstream.once('connect', () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n')
      client.pipe(upstream).pipe(client)
    })
  }

  #keep<Stream extends Duplex>(socket: Stream): Stream {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
    return socket
  }
}
