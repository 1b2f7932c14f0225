import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP balancer in front of the processes that answer requests: one connection to each in turn. */
export class Balancer {
  #ports: readonly number[] = []
  #turn = 0
  readonly #sockets = new Set<Socket>()

  private constructor(private readonly server: Server) {
    server.on('connection', (client) => this.#join(client))
  }

  static async start(): Promise<Balancer> {
    const server = createServer({ pauseOnConnect: true })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return new Balancer(server)
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** Where later connections go. */
  send(urls: readonly string[]): void {
    this.#ports = urls.map((url) => Number(new URL(url).port))
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #join(client: Socket): void {
    this.#keep(client)
    this.#turn += 1
    const order = this.#ports.map((_, place) => this.#ports[(place + this.#turn) % this.#ports.length] as number)
    this.#tryEach(client, order)
  }

  /** A process that cannot be reached is passed over; with none left, the client's connection breaks. */
  #tryEach(client: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined || client.destroyed) return void client.destroy()
    const upstream = connect(port, '127.0.0.1')
    this.#keep(upstream)
    const next = () => this.#tryEach(client, others)
    upstream.once('error', next)
    upstream.once('connect', () => {
      upstream.off('error', next)
      client.on('close', () => upstream.destroy())
      upstream.on('close', () => client.destroy())
      client.pipe(upstream)
      upstream.pipe(client)
    })
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
  }
}
