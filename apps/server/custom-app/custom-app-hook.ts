import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HttpSettings } from '#config'
import type { Entrance } from '../auth/entrance.js'
import type { CustomApp } from './custom-app.js'
import { failedAnswer } from './failed-answer.js'
import { memoryFetch } from './memory-fetch.js'
import { ReplayableBody } from './replayable-body.js'
import { hasBody, isFetched, sendResponse, urlOf, webHeaders } from './web-messages.js'

/**
 * Gives every request below the mount prefix to the project's app first. What the app leaves to the server comes back
 * as a request of its own, over a connection in memory, so that middleware can wrap it; the connection says so.
 */
export class CustomAppHook {
  /** Connections by which the app's own call of a built-in route arrives. */
  readonly #inner = new WeakSet<object>()
  /** Requests that a built-in route has answered in the end. */
  readonly #passedOn = new WeakSet<object>()
  readonly #taken = new WeakSet<object>()

  constructor(
    private readonly app: CustomApp,
    private readonly settings: HttpSettings,
    private readonly entrance: Entrance,
  ) {}

  /** Whether this request has been through the app. */
  isInner({ raw }: FastifyRequest): boolean {
    return this.#inner.has(raw.socket)
  }

  /** Whether the app answered by itself; false too for what never reached it. */
  answeredByApp(request: FastifyRequest): boolean {
    return this.#taken.has(request) && !this.#passedOn.has(request)
  }

  /** Whether the request comes again, as the app's own call of a built-in route. */
  comesAgain(request: FastifyRequest): boolean {
    return this.#passedOn.has(request)
  }

  /** Answers the request by the app; false when it is none for the app, which leaves it to the router. */
  take(request: FastifyRequest, reply: FastifyReply): boolean {
    const path = this.#pathBelowPrefix(request.url)
    if (path === null || !isFetched(request.method) || this.isInner(request)) return false
    this.#taken.add(request)
    reply.hijack()
    void this.#answer(request, reply, path)
    return true
  }

  async #answer(request: FastifyRequest, reply: FastifyReply, path: string): Promise<void> {
    const left = new AbortController()
    const { raw } = reply
    raw.once('close', () => left.abort())
    try {
      const answer = await this.#exchange(request, path, left.signal)
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) raw.setHeader(name, value)
      // A client that is still sending what nobody reads could not use this connection again.
      if (!request.raw.complete) raw.setHeader('connection', 'close')
      await sendResponse(answer, raw)
    } catch {
      // One side has broken off: a broken body is how the other learns of it.
      raw.destroy()
    }
    // What nobody has read of the body must not keep the connection from its next request.
    request.raw.resume()
  }

  async #exchange(request: FastifyRequest, path: string, signal: AbortSignal): Promise<Response> {
    const { raw } = request
    const hasNoBody = !hasBody(raw) || raw.method === 'GET' || raw.method === 'HEAD'
    const body = hasNoBody
      ? null
      : new ReplayableBody(raw.iterator({ destroyOnReturn: false }), this.settings.bodyLimitBytes)
    const web = new Request(urlOf(request.headers, path), {
      method: request.method,
      headers: webHeaders(raw),
      signal,
      body: body?.stream() ?? null,
      ...(body ? { duplex: 'half' } : {}),
    })
    web.headers.set('x-request-id', request.id)
    const builtIn = (passed: Request) => this.#builtIn(request, passed, signal)
    return this.app.handle({ request: web, replay: () => body?.stream() ?? null, builtIn })
  }

  async #builtIn(outer: FastifyRequest, passed: Request, signal: AbortSignal): Promise<Response> {
    this.#passedOn.add(outer)
    try {
      return await memoryFetch(outer.server.server as Server, new Request(passed, { signal }), {
        prefix: this.settings.mountPrefix,
        remoteAddress: outer.socket.remoteAddress,
        onSocket: (socket: Duplex) => {
          this.#inner.add(socket)
          this.entrance.vouchAgain(socket, outer)
        },
      })
    } catch {
      // The client has left, or the server is ending.
      return failedAnswer(503)
    }
  }

  /** The path as the app sees it; null outside the prefix. */
  #pathBelowPrefix(url: string): string | null {
    const { mountPrefix } = this.settings
    const rest = url.startsWith(mountPrefix) ? url.slice(mountPrefix.length) : null
    if (rest?.startsWith('/')) return rest
    return mountPrefix !== '' && (rest === '' || rest?.startsWith('?')) ? `/${rest}` : null
  }
}
