import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

const HEAD_END = Buffer.from('\r\n\r\n')
const EVENT_STREAM = 'text/event-stream'

/** A TCP proxy in front of a server that breaks event streams: the wire as a bad network makes it. */
export class CuttingProxy {
  /** How many streams were cut. */
  cuts = 0
  readonly #sockets = new Set<Socket>()
  /** What carries bytes again once the wire is whole; null while it is. */
  #held: (() => void)[] | null = null
  readonly #pausing = new Set<() => void>()

  /** Where it listens, also after `close`. */
  readonly port: number

  private constructor(
    private readonly server: Server,
    private target: number,
    /** How many bytes of a stream's body come through before the connection is cut; null lets it be. */
    private readonly next: () => number | null,
  ) {
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (client) => this.#join(client))
  }

  static async start(targetUrl: string, next: () => number | null = () => null): Promise<CuttingProxy> {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return new CuttingProxy(server, Number(new URL(targetUrl).port), next)
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The same URL, by this proxy. */
  through(url: string): string {
    const here = new URL(url)
    here.port = String(this.port)
    return here.href
  }

  /** Sends later connections to another server. */
  retarget(url: string): void {
    this.target = Number(new URL(url).port)
  }

  /** Cuts every connection and refuses new ones: the server has gone away. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** Carries nothing any more and says nothing to anybody: a machine that hangs, a firewall that drops. */
  freeze(): void {
    this.#held = []
    for (const pause of this.#pausing) pause()
  }

  /** Carries again, what has come meanwhile too. */
  thaw(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const carryOn of held) carryOn()
  }

  /** Listens again, where it did before `close`: the server is back. @throws Error when its port was taken. */
  async reopen(): Promise<void> {
    await once(this.server.listen(this.port, '127.0.0.1'), 'listening')
  }

  #join(client: Socket): void {
    this.#keep(client)
    if (this.#held) this.#held.push(() => this.#carry(client))
    else this.#carry(client)
  }

  #carry(client: Socket): void {
    const upstream = connect(this.target, '127.0.0.1')
    this.#keep(upstream)
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
    client.pipe(upstream)
    const pause = () => {
      client.unpipe(upstream).pause()
      upstream.pause()
      this.#held?.push(() => {
        client.pipe(upstream)
        upstream.resume()
      })
    }
    this.#pausing.add(pause)
    client.on('close', () => this.#pausing.delete(pause))
    const cutter = new StreamCutter(this.next)
    upstream.on('data', (bytes: Buffer) => {
      const passed = cutter.pass(bytes)
      client.write(passed)
      if (passed.length === bytes.length) return
      this.cuts += 1
      client.end(() => client.destroy())
      upstream.destroy()
    })
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
  }
}

/** Follows one connection: each event stream on it gets its own number of bytes. */
class StreamCutter {
  #left: number | null = null

  constructor(private readonly next: () => number | null) {}

  /** What of the bytes still comes through. */
  pass(bytes: Buffer): Buffer {
    let start = 0
    const headEnd = bytes.indexOf(HEAD_END)
    if (headEnd !== -1 && bytes.toString('latin1', 0, headEnd).includes(EVENT_STREAM)) {
      this.#left = this.next()
      start = headEnd + HEAD_END.length
    }
    if (this.#left === null) return bytes
    const passed = Math.min(this.#left, bytes.length - start)
    this.#left -= passed
    return bytes.subarray(0, start + passed)
  }
}
