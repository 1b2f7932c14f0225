import { type ClientRequest, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { PinnedHttpAgent, PinnedHttpsAgent } from './pinned-agent.js'
import type { PinnedOptions } from './pinned-connection.js'

/** The agents of one kind of connection: kept alive, or used once. */
export interface AgentPair {
  readonly http: PinnedHttpAgent
  readonly https: PinnedHttpsAgent
}

/**
 * The `transport` of one axios request: sends the path byte for byte (axios would write it anew), connects only to
 * judged addresses, and knows whether the socket was used before.
 */
export class PinnedTransport {
  #request: ClientRequest | null = null

  constructor(
    private readonly requestPath: string,
    private readonly pinned: Required<PinnedOptions>,
    private readonly agents: AgentPair,
  ) {}

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
      path: this.requestPath,
      agent: secure ? this.agents.https : this.agents.http,
    }
    this.#request = (secure ? httpsRequest : httpRequest)(pinned, onResponse)
    return this.#request
  }
}
