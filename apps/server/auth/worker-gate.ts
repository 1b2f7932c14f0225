import { Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { defineError } from '#kernel'
import type { Gatekeeper } from '../edge/request-hook.js'
import type { Stage } from './entrance.js'

/** What operations ask of every process: first segments of routes. */
const FOR_OPERATIONS = new Set(['ok', 'info', 'health', 'metrics'])

/** A worker was asked what an `api` process answers. */
export const notServedHere = defineError({
  code: 'not_served_here',
  status: 404,
  message: () => 'This process has the role "worker" and answers health checks and metrics only',
})

/** Before a worker: nobody is let in but operations, and the code of the graphs that it executes. */
export class WorkerGate implements Gatekeeper {
  constructor(
    private readonly inner: Gatekeeper,
    private readonly mountPrefix: string,
  ) {}

  /** @throws AppError `not_served_here`. */
  admit(request: FastifyRequest, stage: Stage): Promise<void> | null {
    if (comesFromOutside(request) && !this.#isForOperations(request)) throw notServedHere()
    return this.inner.admit(request, stage)
  }

  enter<Result>(request: FastifyRequest, work: () => Result): Result {
    return this.inner.enter(request, work)
  }

  #isForOperations(request: FastifyRequest): boolean {
    const template = request.is404 ? '' : (request.routeOptions.url ?? '')
    const [, first = ''] = template.slice(this.mountPrefix.length).split('/')
    return FOR_OPERATIONS.has(first)
  }
}

/** `new Client()` of a graph, and webhooks that are paths, come by connections in memory. */
function comesFromOutside({ raw }: FastifyRequest): boolean {
  return raw.socket instanceof Socket
}
