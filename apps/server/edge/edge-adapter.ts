import type { IncomingMessage } from 'node:http'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { HttpSettings } from '#config'
import { canonicalUrl } from './canonical-url.js'
import { answerClientError } from './client-error.js'
import { frameworkAnswer } from './error-answer.js'
import { answerBadExpectation } from './bad-expectation.js'
import { requestIdOf } from './request-id.js'
import { MAX_HEADERS } from './request-limits.js'
import { RouteTable } from './route-table.js'

/** Time for a whole request to arrive, in ms; long answers are not limited by it. */
const REQUEST_TIMEOUT_MS = 120_000

const MAX_HEADER_BYTES = 16 * 1024

/** A graph id may stand where an id is expected, and is longer than Fastify's default of 100. */
const MAX_PATH_PARAMETER = 1_024

/** Fastify under Nest, with the limits and the answers of the contract. */
export class EdgeAdapter extends FastifyAdapter {
  readonly routes: RouteTable

  constructor(settings: HttpSettings) {
    super({
      bodyLimit: settings.bodyLimitBytes,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // A missing Host is answered in our own words.
      http: { maxHeaderSize: MAX_HEADER_BYTES, requireHostHeader: false },
      routerOptions: { maxParamLength: MAX_PATH_PARAMETER },
      rewriteUrl: (request: IncomingMessage) => canonicalUrl(request.url ?? '/'),
      genReqId: (request: IncomingMessage) => requestIdOf(request.headers['x-request-id']),
      clientErrorHandler: answerClientError,
      // What the router refuses before any hook runs: a path with a broken escape, an overlong parameter.
      frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
        const { status, detail } = frameworkAnswer(error.statusCode ?? 400, error.message)
        reply.header('x-request-id', request.id).status(status).send({ detail })
      },
    })
    const { server } = this.getInstance()
    // One more than is allowed, so that the excess is seen and not cut off.
    server.maxHeadersCount = MAX_HEADERS + 1
    server.on('checkExpectation', answerBadExpectation)
    this.routes = RouteTable.of(this.getInstance())
  }

  /** Nest sets 201 for every POST; clients need 200 (contract 5.1). */
  override status(response: FastifyReply, statusCode: number): unknown {
    return super.status(response, statusCode === 201 ? 200 : statusCode)
  }

  /** As above; and null, for which Nest sends nothing, goes out as JSON (contract 1.9). */
  override reply(response: FastifyReply, body: unknown, statusCode?: number): FastifyReply {
    const status = statusCode === 201 ? 200 : statusCode
    if (body !== null) return super.reply(response, body, status)
    return super.reply(response.type('application/json; charset=utf-8'), 'null', status)
  }
}
