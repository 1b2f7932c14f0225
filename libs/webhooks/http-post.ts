import { HttpService } from '@nestjs/axios'
import { Injectable } from '@nestjs/common'
import type { Readable } from 'node:stream'
import { Settings } from '#config'
import { KEPT_BYTES } from './answer-text.js'
import { PinnedHttpAgent, PinnedHttpsAgent } from './pinned-agent.js'
import { type AgentPair, PinnedTransport } from './pinned-transport.js'
import { ProxyTunnel } from './proxy-tunnel.js'
import { isClosedSocket } from './transport-error.js'
import type { UrlTarget } from './url-text-policy.js'

/** What a receiver answered. */
export interface PostAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The first bytes of the answer, up to the bound. */
  readonly body: Buffer
}

/** One POST to a judged target. */
export interface Post {
  readonly target: UrlTarget
  /** The judged addresses. */
  readonly addresses: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly signal: AbortSignal
}

/** What axios would do for each request, and what is not needed here: bytes go out as they are, and come in so. */
const PLAIN = { headers: {}, transformRequest: [], transformResponse: [], validateStatus: null }

/**
 * Posts with axios and keeps connections alive. No redirect, no proxy but the configured one, no decompression; the
 * answer is read up to its bound and then cut (webhooks contract section 4). The adapter is our own: that of axios
 * prepares for each request what is ruled out here, and took a sixth of the time of all.
 */
@Injectable()
export class HttpPost {
  readonly #axios: HttpService['axiosRef']
  readonly #kept: AgentPair
  readonly #once: AgentPair

  constructor(http: HttpService, settings: Settings) {
    // An instance of its own: that of the module is the one that a project's graphs import.
    this.#axios = http.axiosRef.create()
    Object.assign(this.#axios.defaults, PLAIN)
    const { proxy } = settings.webhooks
    const tunnel = proxy === null ? null : new ProxyTunnel(proxy)
    this.#kept = agents(true, tunnel)
    this.#once = agents(false, tunnel)
  }

  /** @throws Error with Node's code when there is no answer, or when `signal` aborts. */
  async send(post: Post): Promise<PostAnswer> {
    const transport = transportOf(post, this.#kept)
    try {
      return await this.#send(post, transport)
    } catch (error) {
      if (!transport.reusedSocket || post.signal.aborted || !isClosedSocket(error)) throw error
      // The receiver had closed the kept-alive socket: one instant retry on a new one.
      return this.#send(post, transportOf(post, this.#once))
    }
  }

  /** Ends kept-alive connections. */
  close(): void {
    for (const agent of [this.#kept.http, this.#kept.https]) agent.destroy()
  }

  async #send(post: Post, transport: PinnedTransport): Promise<PostAnswer> {
    try {
      return await this.#exchange(post, transport)
    } finally {
      transport.end()
    }
  }

  async #exchange(post: Post, transport: PinnedTransport): Promise<PostAnswer> {
    const answer = await this.#axios.request<Readable>({
      method: 'POST',
      data: post.body,
      adapter: (config) => transport.exchange(config, post.body),
    })
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(answer.headers)) headers[name] = String(value)
    return { status: answer.status, headers, body: await readBounded(answer.data) }
  }
}

function agents(keepAlive: boolean, tunnel: ProxyTunnel | null): AgentPair {
  return { http: new PinnedHttpAgent(keepAlive, tunnel), https: new PinnedHttpsAgent(keepAlive, tunnel) }
}

function transportOf({ target, addresses, headers, body, signal }: Post, pair: AgentPair): PinnedTransport {
  const sent = { target, headers: { ...headers, 'content-length': String(body.length) } }
  return new PinnedTransport(sent, { pinned: addresses, cut: signal }, pair)
}

/** The beginning of the answer. The status has arrived: a body that is cut short, or never ends, changes nothing. */
function readBounded(stream: Readable): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size > KEPT_BYTES) stream.destroy()
    })
    // Cut by the receiver or by the deadline: what has arrived is kept.
    stream.on('error', () => {})
    stream.once('close', () => {
      resolve(Buffer.concat(chunks).subarray(0, KEPT_BYTES))
    })
  })
}
