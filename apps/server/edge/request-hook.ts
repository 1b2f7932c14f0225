import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HttpSettings } from '#config'
import type { Logger } from '#kernel'
import { CorsPolicy } from './cors-policy.js'
import { errorAnswer } from './error-answer.js'
import { judgeHead } from './request-limits.js'
import type { RouteGate } from './route-gate.js'
import { isOpenToOtherSites } from './route-path.js'

/** What stands before the built-in routes: the project's own app. */
export interface Front {
  /** Answers the request; false when it is none of its own. */
  take(request: FastifyRequest, reply: FastifyReply): boolean
  /** Whether it answered by itself. */
  answeredByApp(request: FastifyRequest): boolean
  /** Whether it has passed the request on, to come again as another. */
  comesAgain(request: FastifyRequest): boolean
}

/** Lets callers in. */
export interface Gatekeeper {
  /** Null where nobody is asked; the promise rejects with what is to be answered. */
  admit(request: FastifyRequest, stage: 'front' | 'route'): Promise<void> | null
  /** Does the work in the caller's name. */
  enter<Result>(request: FastifyRequest, work: () => Result): Result
}

/** What a request passes, in this order twice: who calls is found out before the front where that is wanted. */
export interface RequestPath {
  readonly gate: RouteGate
  readonly front: Front | null
  readonly gatekeeper: Gatekeeper
  readonly logger: Logger
}

/**
 * The first thing that sees a request: gives every answer its id and its CORS headers, answers preflights, and lets the
 * front, then the gate judge it before the router's handler runs.
 */
export function createRequestHook(
  settings: HttpSettings,
  { gate, front, gatekeeper, logger }: RequestPath,
): (request: FastifyRequest, reply: FastifyReply, done: () => void) => void {
  const cors = new CorsPolicy(settings.cors)
  return (request, reply, done) => {
    reply.header('x-request-id', request.id)
    // The server has stopped listening: the client is to open its next connection elsewhere.
    if (!request.server.server.listening) reply.header('connection', 'close')
    if (answersCors(request, reply, settings, cors)) return
    const refuse = (thrown: unknown) => answerError(thrown, { request, reply, logger })
    const attempt = (step: () => void) => {
      try {
        step()
      } catch (error) {
        refuse(error)
      }
    }
    const admitted = (stage: 'front' | 'route', step: () => void) => {
      const asked = gatekeeper.admit(request, stage)
      if (asked === null) step()
      else void asked.then(() => attempt(step), refuse)
    }
    attempt(() => {
      judgeHead(request)
      admitted('front', () => {
        if (front !== null && gatekeeper.enter(request, () => front.take(request, reply))) return
        gate.judge(request, reply)
        admitted('route', done)
      })
    })
  }
}

/** As the error filter does for what routes throw. */
function answerError(thrown: unknown, { request, reply, logger }: Answerable): void {
  const { status, detail, level, headers = {} } = errorAnswer(thrown)
  logger[level]({ err: thrown, requestId: request.id, method: request.method, status }, 'request refused')
  reply.headers(headers).status(status).type('application/json; charset=utf-8').send({ detail })
}

interface Answerable {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly logger: Logger
}

/** Sets the CORS headers; answers a preflight, and then returns true. */
function answersCors(request: FastifyRequest, reply: FastifyReply, settings: HttpSettings, cors: CorsPolicy): boolean {
  const { origin } = request.headers
  if (origin === undefined || !isOpenToOtherSites(request.url, settings.mountPrefix)) return false
  if (!isPreflight(request)) {
    reply.headers(cors.answerHeaders(origin))
    return false
  }
  const requestedHeaders = request.headers['access-control-request-headers']
  reply.headers(cors.preflightHeaders({ origin, requestedHeaders })).status(204).send()
  return true
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}
