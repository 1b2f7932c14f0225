import type { FastifyInstance, FastifyRequest } from 'fastify'

/** One request once its answer has ended. */
export interface Observation {
  readonly request: FastifyRequest
  /** The template without the mount prefix; null where no route took the request. */
  readonly route: string | null
  readonly status: number
  readonly seconds: number
}

/** Tells of every answered request, streams too. To be called before routes are registered. */
export function observeRequests(
  server: FastifyInstance,
  mountPrefix: string,
  observe: (observation: Observation) => void,
): void {
  server.addHook('onResponse', (request, reply, done) => {
    const { url } = request.routeOptions
    const route = request.is404 || url === undefined ? null : url.slice(mountPrefix.length) || '/'
    observe({ request, route, status: reply.raw.statusCode, seconds: reply.elapsedTime / 1000 })
    done()
  })
}
