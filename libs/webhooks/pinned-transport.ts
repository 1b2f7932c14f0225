import { type ClientRequest, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { normalAddress } from './address-policy.js'
import type { PinnedHttpAgent, PinnedHttpsAgent } from './pinned-agent.js'

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
    private readonly addresses: readonly string[],
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
      path: this.requestPath,
      agent: secure ? this.agents.https : this.agents.http,
      lookup: pinnedLookup(this.addresses),
      pinned: this.addresses.map(normalAddress),
    }
    this.#request = (secure ? httpsRequest : httpRequest)(pinned, onResponse)
    return this.#request
  }
}

/**
 * Answers every question with the judged addresses; never in the same tick, as a connect that fails at once would then
 * emit its error before `http` listens, which ends the process.
 */
function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_host, options, callback) => {
    const wanted = answers.filter(({ family }) => !options.family || options.family === family)
    const [first] = wanted
    if (options.all) process.nextTick(callback, null, wanted)
    else if (first) process.nextTick(callback, null, first.address, first.family)
    else process.nextTick(callback, noAddress(), '')
  }
}

function noAddress(): Error {
  return Object.assign(new Error('no judged address of this family'), { code: 'ENOTFOUND' })
}
