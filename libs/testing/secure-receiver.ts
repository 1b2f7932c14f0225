import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Certificate } from './certificates.js'

/** What came over TLS: the name that was asked for (SNI), and the request's `Host`. */
export interface SecureRequest {
  readonly serverName: string | false
  readonly host: string
  /** How many requests had come on this connection, this one counted. */
  readonly nth: number
}

/** A real https server on a free port of 127.0.0.1 that answers 200. */
export class SecureReceiver {
  readonly requests: SecureRequest[] = []
  /** Connections, handshakes that failed included. */
  connections = 0

  private constructor(private readonly server: Server) {
    server.on('connection', () => (this.connections += 1))
    // A client that refuses the certificate ends the handshake: that is what is tested.
    server.on('tlsClientError', () => undefined)
    const counts = new WeakMap<object, number>()
    server.on('request', (request, response) => {
      const socket = request.socket as TLSSocket & { servername?: string | false }
      const nth = (counts.get(socket) ?? 0) + 1
      counts.set(socket, nth)
      this.requests.push({ serverName: socket.servername ?? false, host: request.headers.host ?? '', nth })
      request.resume()
      response.end('ok')
    })
  }

  static async start({ cert, key }: Certificate): Promise<SecureReceiver> {
    const server = createServer({ cert, key })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return new SecureReceiver(server)
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  close(): Promise<void> {
    this.server.closeAllConnections()
    return new Promise((resolve) => this.server.close(() => resolve()))
  }
}
