import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HttpSettings } from '#config'
import { methodNotAllowed, routeNotFound } from './edge.errors.js'
import { resourceOf } from './resource-of.js'
import { routeSegments } from './route-path.js'
import type { RouteTable } from './route-table.js'

/** Stands before the router's answer: paths that a switch has taken away, and methods that a path does not have. */
export class RouteGate {
  readonly #disabled: ReadonlySet<string>

  constructor(
    private readonly settings: HttpSettings,
    private readonly table: RouteTable,
  ) {
    this.#disabled = new Set(settings.disabled)
  }

  /** @throws AppError `route_not_found`, `method_not_allowed` with `Allow` set. */
  judge(request: FastifyRequest, reply: FastifyReply): void {
    if (this.#isDisabled(request.url)) throw routeNotFound()
    if (!request.is404) return
    const methods = this.table.methodsAt(request.url)
    if (methods.length === 0) return
    reply.header('allow', methods.join(', '))
    throw methodNotAllowed()
  }

  #isDisabled(url: string): boolean {
    if (this.#disabled.size === 0) return false
    const segments = routeSegments(url, this.settings.mountPrefix)
    const resource = segments && resourceOf(segments)
    return resource !== null && this.#disabled.has(resource)
  }
}
