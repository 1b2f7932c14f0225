import { type ClientRequest, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { PinnedHttpAgent, PinnedHttpsAgent } from './pinned-agent.js'
import type { PinnedOptions } from './pinned-connection.js'

/** The agents of one kind of connection: kept alive, or used once. */
export interface AgentPair {
  readonly http: PinnedHttpAgent
  readonly https: PinnedHttpsAgent
}

/** What is sent as it is: axios would write the path anew, and merge each header with its own, which takes it longest. */
export interface SentAsIs {
  /** Path and query. */
  readonly requestPath: string
  /** All headers but those of the connection, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The `transport` of one axios request: sends path and headers byte for byte, connects only to judged addresses, and knows whether the socket was used before. Once `cut` aborts it ends the request and with it the
 * answer: cheaper than the `signal` of axios, and one listener for both.
 */
export class PinnedTransport {
  #request: ClientRequest | null = null
  readonly #abort = () => void this.#request?.destroy(new Error('the request was cut'))

  constructor(
    private readonly sent: SentAsIs,
    private readonly pinned: Required<PinnedOptions>,
    private readonly agents: AgentPair,
  ) {
    pinned.cut.addEventListener('abort', this.#abort, { once: true })
  }

  /** Whether the request went out on a kept-alive socket, which the receiver may have closed meanwhile. */
  get reusedSocket(): boolean {
    return this.#request?.reusedSocket ?? false
  }

  /** Called by axios in place of `http.request`. */
  request = (options: RequestOptions, onResponse: (response: IncomingMessage) => void): ClientRequest => {
    const secure = options.protocol === 'https:'
    const pinned = {
      ...options,
      ...this.pinned,
      path: this.sent.requestPath,
      headers: this.sent.headers,
      agent: secure ? this.agents.https : this.agents.http,
    }
    this.#request = (secure ? httpsRequest : httpRequest)(pinned, onResponse)
    this.#request.once('upgrade', refuseUpgrade)
    if (this.pinned.cut.aborted) this.#abort()
    return this.#request
  }

  /** Lets go; ends a request whose answer came before its body was sent: the receiver may never read the rest. */
  end(): void {
    this.pinned.cut.removeEventListener('abort', this.#abort)
    if (this.#request?.writableFinished === false) this.#request.destroy()
  }
}

/** We asked for none. Node closes the connection, and neither it nor axios tells anybody. */
function refuseUpgrade(this: ClientRequest, _answer: IncomingMessage, socket: Socket): void {
  socket.destroy()
  this.emit('error', Object.assign(new Error('the receiver switched protocols'), { code: 'HPE_UNASKED_UPGRADE' }))
}
