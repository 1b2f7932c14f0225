import type { FastifyInstance } from 'fastify'

/** One route as the router has it. */
export interface KnownRoute {
  /** Upper case. */
  readonly method: string
  /** The template, with the mount prefix: `/api/threads/:thread_id`. */
  readonly url: string
}

/** Every route of the server, for what the router does not tell: which methods a path has. */
export class RouteTable {
  readonly #routes: (KnownRoute & { readonly segments: readonly string[] })[] = []

  /** Notes each route as it is registered, in scopes too; to be called before the first one is. */
  static of(server: FastifyInstance): RouteTable {
    const table = new RouteTable()
    server.addHook('onRoute', ({ method, url }) => {
      const methods = [method].flat().map((name) => name.toUpperCase())
      table.#routes.push(...methods.map((name) => ({ method: name, url, segments: url.split('/') })))
    })
    return table
  }

  /** All of them, in the order of their registration. */
  get routes(): readonly KnownRoute[] {
    return this.#routes
  }

  /** The methods that a path takes, sorted; none when it is no path of the server. */
  methodsAt(url: string): string[] {
    const segments = (url.split(/[?#]/, 1)[0] ?? '').split('/')
    const methods = this.#routes.filter((route) => matches(route.segments, segments)).map(({ method }) => method)
    return [...new Set(methods)].sort()
  }
}

function matches(template: readonly string[], path: readonly string[]): boolean {
  if (template.at(-1) === '*')
    return path.length >= template.length && matches(template.slice(0, -1), path.slice(0, template.length - 1))
  if (template.length !== path.length) return false
  return template.every((segment, index) => (segment.startsWith(':') ? path[index] !== '' : segment === path[index]))
}
