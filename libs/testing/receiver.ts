import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as it arrived. */
export interface ReceivedRequest {
  readonly method: string
  /** Path and query, as they stood in the request line. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** When its last byte was in, by the machine's clock. */
  readonly receivedAt: Date
}

/** How the receiver answers one request. */
export type ReceiverAnswer =
  | {
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: string | Buffer
      readonly after?: Promise<void>
    }
  /** `hang`: no answer ever; `reset`: the connection is cut; `early-close`: half the promised body, then cut. */
  | 'hang'
  | 'reset'
  | 'early-close'
  /** Headers at once, then a byte every 20 ms for ever. */
  | 'drip'

interface Waiter {
  readonly count: number
  readonly resolve: () => void
}

const PATIENCE_MS = 10_000
const DRIP_MS = 20

/** A real HTTP server on a free port of 127.0.0.1 that answers by a script and remembers what it got. */
export class Receiver {
  readonly requests: ReceivedRequest[] = []
  readonly #server: Server
  readonly #script: ReceiverAnswer[] = []
  readonly #waiters = new Set<Waiter>()
  #fallback: (request: ReceivedRequest) => ReceiverAnswer = () => ({ status: 200 })
  #taken = 0

  private constructor() {
    this.#server = createServer((request, response) => void this.#receive(request, response))
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver()
    await receiver.listen(0)
    return receiver
  }

  /** Listens on this port; again after `close`, to play a receiver that was restarted. */
  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', resolve)
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** A URL on this receiver. */
  url(path = '/hook'): string {
    return `http://127.0.0.1:${this.port}${path}`
  }

  /** Answers the next requests so, one after the other; afterwards as `otherwise` says (200 unless told). */
  answer(...script: ReceiverAnswer[]): this {
    this.#script.push(...script)
    return this
  }

  /** The answer when the script is at its end; one for each request where it is a function. */
  otherwise(answer: ReceiverAnswer | ((request: ReceivedRequest) => ReceiverAnswer)): this {
    this.#fallback = typeof answer === 'function' ? answer : () => answer
    return this
  }

  /** The oldest request that no call of `next` has given yet. @throws Error when none comes within 10 s. */
  async next(): Promise<ReceivedRequest> {
    this.#taken += 1
    const place = this.#taken
    const requests = await this.waitFor(place)
    return requests[place - 1] as ReceivedRequest
  }

  /** All requests, as soon as there are `count`. @throws Error when they do not come within 10 s. */
  async waitFor(count: number): Promise<readonly ReceivedRequest[]> {
    if (this.requests.length >= count) return this.requests
    await new Promise<void>((resolve, reject) => {
      const waiter = { count, resolve: () => (clearTimeout(timer), this.#waiters.delete(waiter), resolve()) }
      const late = () => reject(new Error(`the receiver waited for ${count} requests and got ${this.requests.length}`))
      const timer = setTimeout(late, PATIENCE_MS)
      this.#waiters.add(waiter)
    })
    return this.requests
  }

  /** Cuts what is open and stops. */
  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request)
    const { method = '', url = '', headers } = request
    const received: ReceivedRequest = { method, url, headers, body, receivedAt: new Date() }
    this.requests.push(received)
    const answer = this.#script.shift() ?? this.#fallback(received)
    for (const waiter of this.#waiters) if (waiter.count <= this.requests.length) waiter.resolve()
    await give(answer, response)
  }
}

async function give(answer: ReceiverAnswer, response: ServerResponse): Promise<void> {
  if (answer === 'hang') return
  if (answer === 'reset') return void response.socket?.resetAndDestroy()
  if (answer === 'drip') return drip(response)
  if (answer === 'early-close') {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => response.socket?.destroy())
    return
  }
  await answer.after
  response.writeHead(answer.status, answer.headers).end(answer.body)
}

function drip(response: ServerResponse): void {
  response.writeHead(200)
  response.write('.')
  const timer = setInterval(() => response.write('.'), DRIP_MS)
  response.once('close', () => clearInterval(timer))
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
