import { Injectable, type OnModuleInit } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { IncomingHttpHeaders } from 'node:http'
import { Settings } from '#config'
import { judgeAdmin } from '../admin-access.js'
import { withoutCors } from '../without-cors.js'
import { InspectorDesk } from './inspector-desk.js'
import { Inspector } from './inspector.js'

interface BinRoute {
  Params: { bin: string }
}

interface RequestRoute {
  Params: { bin: string; id: string }
}

/**
 * The inspector over HTTP: any method on `/inspector/{bin}` and below is kept, `GET /inspector/{bin}/requests` lists,
 * and with an id below it shows one. A Fastify scope of its own and not a controller, because here a body is bytes of any content type, malformed JSON
 * too, and because neither API keys nor custom auth apply.
 */
@Injectable()
export class InspectorRoutes implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly settings: Settings,
    private readonly inspector: Inspector,
    private readonly desk: InspectorDesk,
  ) {}

  /** Does nothing where there is no inspector, or no HTTP (`signalbox check`). */
  onModuleInit(): void {
    const { httpAdapter } = this.host
    if (!this.inspector.isEnabled || !httpAdapter) return
    const fastify = httpAdapter.getInstance<FastifyInstance>()
    fastify.register(
      (scope, _options, done) => {
        this.#mount(scope)
        done()
      },
      { prefix: `${this.settings.http.mountPrefix}/inspector` },
    )
  }

  #mount(scope: FastifyInstance): void {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.get<BinRoute>('/:bin/requests', (request, reply) => {
      return this.#read(request, reply, () => ({ requests: this.inspector.requests(request.params.bin) }))
    })
    scope.get<RequestRoute>('/:bin/requests/:id', (request, reply) => {
      return this.#read(request, reply, () => this.inspector.request(request.params.bin, request.params.id))
    })
    const record = (request: FastifyRequest<BinRoute>, reply: FastifyReply) => this.#record(request, reply)
    scope.all<BinRoute>('/:bin', record)
    scope.all<BinRoute>('/:bin/*', record)
  }

  /** Answers an administrator with what is found, 404 for nothing. */
  #read({ headers, socket }: FastifyRequest, reply: FastifyReply, find: () => object | null): FastifyReply {
    withoutCors(reply)
    const judgement = judgeAdmin({ headers, remoteAddress: socket.remoteAddress }, this.settings)
    if (!judgement.ok) return reply.status(judgement.status).send({ detail: judgement.detail })
    const found = find()
    return found ? reply.header('cache-control', 'no-store').send(found) : notFound(reply)
  }

  async #record(request: FastifyRequest<BinRoute>, reply: FastifyReply): Promise<FastifyReply> {
    if (request.params.bin === '') return notFound(reply)
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const headers = flatten(request.headers)
    const post = { method: request.method, url: request.url, headers, body }
    const answer = await this.desk.receive(request.params.bin, post)
    return reply.status(answer.status).headers(answer.headers).send(answer.body)
  }
}

function notFound(reply: FastifyReply): FastifyReply {
  return reply.status(404).send({ detail: 'Not Found' })
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]))
}
