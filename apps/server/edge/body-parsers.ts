import type { FastifyInstance } from 'fastify'
import { unsupportedMediaType } from './edge.errors.js'
import { parseJsonBody } from './json-body.js'

/** `application/json`, `…+json`, and `text/plain`, which browsers and loopback webhooks send (contract 1.2). */
const READ_AS_JSON = /^(application\/(?:[^;,\s]+\+)?json|text\/plain)\s*(?:;|$)/i

/**
 * One parser for every media type: JSON, or refused with 415. The body limit of the server holds. A Fastify scope of its
 * own may have others (the inspector takes any bytes).
 */
export function installBodyParsers(server: FastifyInstance): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      if (!READ_AS_JSON.test(request.headers['content-type'] ?? '')) throw unsupportedMediaType()
      done(null, parseJsonBody(bytes))
    } catch (error) {
      done(error as Error)
    }
  })
}
