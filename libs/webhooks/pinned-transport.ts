import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import type { PinnedHttpAgent, PinnedHttpsAgent } from './pinned-agent.js'
import type { PinnedOptions } from './pinned-connection.js'
import type { UrlTarget } from './url-text-policy.js'

/** The agents of one kind of connection: kept alive, or used once. */
export interface AgentPair {
  readonly http: PinnedHttpAgent
  readonly https: PinnedHttpsAgent
}

/** What is sent as it is, byte for byte. */
export interface SentAsIs {
  readonly target: Pick<UrlTarget, 'scheme' | 'host' | 'port' | 'requestPath'>
  /** All headers but those of the connection, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The adapter of one axios request: sends path and headers byte for byte, connects only to judged addresses, and knows
 * whether the socket was used before. Once `cut` aborts it ends the request and with it the answer: cheaper than the
 * `signal` of axios, and one listener for both.
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

  /**
   * Called by axios: sends the request, and gives the answer once its headers are there.
   * @throws Error with Node's code when there is none.
   */
  exchange(config: InternalAxiosRequestConfig, body: Buffer): Promise<AxiosResponse<IncomingMessage>> {
    return new Promise((resolve, reject) => {
      const request = this.#open((answer) => {
        const { statusCode = 0, statusMessage = '', headers } = answer
        resolve({
          data: answer,
          status: statusCode,
          statusText: statusMessage,
          headers: headers as never,
          config,
          request,
        })
      })
      // Also what comes behind the answer's headers: by then nobody waits for it.
      request.on('error', reject)
      request.once('upgrade', refuseUpgrade)
      if (this.pinned.cut.aborted) this.#abort()
      request.end(body)
    })
  }

  #open(onResponse: (answer: IncomingMessage) => void): ClientRequest {
    const { scheme, host, port, requestPath } = this.sent.target
    const isSecure = scheme === 'https'
    const options = {
      ...this.pinned,
      method: 'POST',
      protocol: `${scheme}:`,
      hostname: host,
      port,
      path: requestPath,
      headers: this.sent.headers,
      agent: isSecure ? this.agents.https : this.agents.http,
    }
    return (this.#request = (isSecure ? httpsRequest : httpRequest)(options, onResponse))
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
