import type { FastifyRequest } from 'fastify'
import { Injectable } from '@nestjs/common'
import { Authentication, type Caller, CallerContext } from '#auth'
import { Settings } from '#config'
import { isFetched, urlOf, webHeaders } from '../custom-app/web-messages.js'
import { isOpenRoute } from './open-routes.js'

/** Whom a connection within this process speaks for. */
interface Voucher {
  readonly caller: Caller
  /** Whether credentials of a request's own go before it. */
  readonly yieldsToCredentials: boolean
}

/** Where a request stands: before the project's app, or before a built-in route. */
export type Stage = 'front' | 'route'

/** Lets requests in, and remembers in whose name. */
@Injectable()
export class Entrance {
  readonly #callers = new WeakMap<object, Caller>()
  readonly #vouchers = new WeakMap<object, Voucher>()

  constructor(
    private readonly authentication: Authentication,
    private readonly context: CallerContext,
    private readonly settings: Settings,
  ) {}

  /**
   * For a request that comes again by a connection within this process: that speaks for its caller. Where nobody was
   * asked yet, it speaks for whom the request's own connection spoke, if for anybody.
   */
  vouchAgain(socket: object, request: FastifyRequest): void {
    const caller = this.callerOf(request)
    const voucher = caller ? { caller, yieldsToCredentials: false } : this.#vouchers.get(request.raw.socket)
    if (voucher) this.#vouchers.set(socket, voucher)
  }

  /**
   * For `new Client()` in the project's code: its connection speaks for whom that code works for, a run's creator or the
   * caller of an authenticated route, unless the request brings credentials of its own. For nobody, it is as any other.
   */
  voucher(): (socket: object) => void {
    const { current } = this.context
    return (socket) => {
      if (current !== null) this.#vouchers.set(socket, { caller: current, yieldsToCredentials: true })
    }
  }

  /** Who has made the request, once it was let in; null where nobody was asked. */
  callerOf(request: FastifyRequest): Caller | null {
    return this.#callers.get(request.raw) ?? null
  }

  /** Does what is left of the request in its caller's name. */
  enter<Result>(request: FastifyRequest, work: () => Result): Result {
    return this.context.run(this.callerOf(request), work)
  }

  /**
   * Finds out who calls, where that is to be known; null where it is not, so that nothing waits.
   * The promise rejects with what is to be answered: AppError `unauthorized`, and what the project's code throws.
   */
  admit(request: FastifyRequest, stage: Stage): Promise<void> | null {
    if (!this.authentication.isRequired || this.#callers.has(request.raw) || !this.#asks(request, stage)) return null
    const vouched = this.#voucherOf(request)
    if (vouched === null) return this.#authenticate(request)
    this.#callers.set(request.raw, vouched)
    return null
  }

  #asks(request: FastifyRequest, stage: Stage): boolean {
    const template = request.is404 ? null : (request.routeOptions.url ?? null)
    const isOpen = template !== null && isOpenRoute(template.slice(this.settings.http.mountPrefix.length))
    if (isOpen) return false
    if (stage === 'route') return template !== null
    if (!isFetched(request.method)) return false
    const { customRoutes } = this.settings.http
    return customRoutes?.authenticated === true || (customRoutes?.authFirst === true && template !== null)
  }

  #voucherOf({ raw, headers }: FastifyRequest): Caller | null {
    const voucher = this.#vouchers.get(raw.socket)
    if (!voucher) return null
    return voucher.yieldsToCredentials && CREDENTIALS.some((name) => headers[name] !== undefined)
      ? null
      : voucher.caller
  }

  async #authenticate(request: FastifyRequest): Promise<void> {
    const { headers, socket, raw, method, url } = request
    const toRequest = () => new Request(urlOf(headers, url), { method, headers: webHeaders(raw) })
    const call = { headers, remoteAddress: socket.remoteAddress, toRequest }
    this.#callers.set(request.raw, await this.authentication.authenticate(call))
  }
}

const CREDENTIALS = ['authorization', 'x-api-key', 'cookie']
