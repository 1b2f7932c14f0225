import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HttpSettings } from '#config'
import { CorsPolicy } from './cors-policy.js'
import { isOpenToOtherSites } from './route-path.js'

/** The first thing that sees a request: gives every answer its id and its CORS headers, and answers preflights. */
export function createRequestHook(
  settings: HttpSettings,
): (request: FastifyRequest, reply: FastifyReply, done: () => void) => void {
  const cors = new CorsPolicy(settings.cors)
  return (request, reply, done) => {
    reply.header('x-request-id', request.id)
    // The server has stopped listening: the client is to open its next connection elsewhere.
    if (!request.server.server.listening) reply.header('connection', 'close')
    const { origin } = request.headers
    if (origin === undefined || !isOpenToOtherSites(request.url, settings.mountPrefix)) return done()
    if (!isPreflight(request)) {
      reply.headers(cors.answerHeaders(origin))
      return done()
    }
    const requestedHeaders = request.headers['access-control-request-headers']
    reply.headers(cors.preflightHeaders({ origin, requestedHeaders })).status(204).send()
  }
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}
