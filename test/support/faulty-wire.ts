import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * How long a server goes on with a client of whom it hears nothing, in ms: less than in a network, and longer than a
 * transaction may be silent.
 */
const SERVER_FINDS_OUT_MS = 15_000

/** One connection and what it leads to. */
interface Link {
  readonly client: Socket
  readonly upstream: Socket
  /** Nothing of it comes through any more, and neither end is told. */
  isForgotten: boolean
  /** Nothing comes back any more. */
  isMuted: boolean
}

/** Waits for a client to say these, one after the other on one connection. */
interface Trap {
  readonly texts: readonly string[]
  readonly heard: Map<Link, number>
  readonly spring: (link: Link) => void
}

/** A TCP proxy between one process and one server: the network, which a test makes fail in the ways networks do. */
export class FaultyWire {
  /** How much later all that is said arrives, in ms, each way. */
  delayMs = 0
  #isSilent = false
  #isRefusing = false
  #trap: Trap | null = null
  readonly #links = new Set<Link>()
  readonly port: number

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (client) => this.#join(client))
  }

  /** `target`: any URL that names host and port. */
  static async start(target: string): Promise<FaultyWire> {
    const server = createServer({ allowHalfOpen: true })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return new FaultyWire(server, new URL(target))
  }

  /** The target's URL, by this wire. */
  get url(): string {
    const url = new URL(this.target)
    url.port = String(this.port)
    return url.href
  }

  /** Breaks every connection; new ones can be made. */
  cut(): void {
    for (const link of this.#links) if (!link.isForgotten) breakOff(link)
  }

  /** Tells the clients that the server will say no more; what they still say arrives. */
  halfClose(): void {
    for (const { client, isForgotten } of this.#links) if (!isForgotten) client.end()
  }

  /** Breaks every connection, and each new one at once, until `heal`. */
  refuse(): void {
    this.#isRefusing = true
    this.cut()
  }

  /** Nothing comes through and no client is told, not after `heal` either; what comes after that works. */
  silence(): void {
    this.#isSilent = true
    for (const link of this.#links) link.isForgotten = true
  }

  /** Lets new connections be what they were. */
  heal(): void {
    this.#isSilent = false
    this.#isRefusing = false
    this.delayMs = 0
  }

  /**
   * The next time that a client says these, one after the other on one connection, the last arrives and its answer does
   * not; resolves then. Nobody is told.
   */
  loseAnswerTo(...texts: string[]): Promise<void> {
    return new Promise((resolve) => {
      this.#trap = {
        texts,
        heard: new Map(),
        spring: (link) => {
          link.isMuted = true
          resolve()
        },
      }
    })
  }

  /** Ends every connection and listens no more. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    for (const link of this.#links) breakOff(link)
    await closed
  }

  #join(client: Socket): void {
    if (this.#isRefusing) return void client.on('error', ignore).resetAndDestroy()
    const upstream = new Socket({ allowHalfOpen: true })
    const link = { client, upstream, isForgotten: this.#isSilent, isMuted: false }
    this.#links.add(link)
    this.#pump(link, client, upstream)
    this.#pump(link, upstream, client)
    if (link.isForgotten) return
    upstream.connect(Number(this.target.port), this.target.hostname)
  }

  #pump(link: Link, from: Socket, to: Socket): void {
    const line = new DelayLine(() => this.delayMs)
    from.on('data', (bytes: Buffer) => {
      if (from === link.client) this.#listen(link, bytes)
      if (from === link.upstream && link.isMuted) return
      line.pass(() => link.isForgotten || to.write(bytes))
    })
    from.on('end', () => {
      if (link.isForgotten) this.#findOut(link, from)
      line.pass(() => link.isForgotten || link.isMuted || to.end())
    })
    from.on('error', ignore)
    from.on('close', () => {
      if (link.isForgotten) return this.#findOut(link, from)
      to.destroy()
      this.#links.delete(link)
    })
  }

  /** A server finds out by itself, some time after a client has given up, that nobody is there any more. */
  #findOut(link: Link, ended: Socket): void {
    if (ended !== link.client) return
    setTimeout(() => {
      breakOff(link)
      this.#links.delete(link)
    }, SERVER_FINDS_OUT_MS).unref()
  }

  #listen(link: Link, bytes: Buffer): void {
    const trap = this.#trap
    if (!trap || link.isForgotten) return
    let heard = trap.heard.get(link) ?? 0
    while (heard < trap.texts.length && bytes.includes(trap.texts[heard] ?? '')) heard += 1
    trap.heard.set(link, heard)
    if (heard < trap.texts.length) return
    this.#trap = null
    trap.spring(link)
  }
}

/** Lets things happen in order, each as much later as is asked for when it comes. */
class DelayLine {
  #last: Promise<unknown> | null = null

  constructor(private readonly delayMs: () => number) {}

  pass(act: () => unknown): void {
    const delayMs = this.delayMs()
    if (delayMs === 0 && !this.#last) return void act()
    const last = Promise.all([this.#last, pause(delayMs)]).then(() => {
      act()
      if (this.#last === last) this.#last = null
    })
    this.#last = last
  }
}

function breakOff({ client, upstream }: Link): void {
  client.destroy()
  upstream.destroy()
}

function ignore(): void {}
