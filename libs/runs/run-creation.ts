import { Injectable } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { CallerContext, identityKeys } from '#auth'
import { Settings } from '#config'
import type { JsonObject } from '#kernel'
import { OpenResponses } from '#streaming'
import { configurableHeaders } from './configurable-headers.js'
import type { CreateRunDto } from './dto/create-run.dto.js'
import { readRunBatch } from './dto/run-batch.js'
import { toRunRequest } from './dto/to-run-request.js'
import { placeOf, RunResponses } from './run-responses.js'
import { RunAccess } from './run-access.js'
import type { PermittedRun } from './run-permit.js'
import type { RunRequest } from './run-request.js'
import { RunsService } from './runs.service.js'
import type { Run } from './run.js'

/** The three ways to create a run over HTTP, for thread and stateless routes alike. */
@Injectable()
export class RunCreation {
  constructor(
    private readonly settings: Settings,
    private readonly access: RunAccess,
    private readonly callers: CallerContext,
    private readonly runs: RunsService,
    private readonly responses: RunResponses,
    private readonly open: OpenResponses,
  ) {}

  /** Creates it and answers with the run. */
  async create(
    threadId: string | null,
    dto: CreateRunDto,
    http: { request: FastifyRequest; reply: FastifyReply },
  ): Promise<Run> {
    const { run } = await this.#create(threadId, dto, http.request)
    http.reply.header('content-location', placeOf(run))
    return run
  }

  /** Creates stateless runs, all or none. */
  async createBatch(body: unknown, { headers }: FastifyRequest): Promise<Run[]> {
    const batch: PermittedRun[] = []
    for (const request of readRunBatch(body, this.#injected(headers))) {
      batch.push(await this.access.permit(null, request))
    }
    return this.runs.createBatch(batch)
  }

  /** Creates it and streams its events. */
  async stream(
    threadId: string | null,
    dto: CreateRunDto,
    http: { request: FastifyRequest; reply: FastifyReply },
  ): Promise<void> {
    this.open.admit(http.reply)
    const { request, run } = await this.#create(threadId, dto, http.request)
    const cancelOnDisconnect = request.onDisconnect === 'cancel'
    await this.responses.stream(http.reply, run, { cancelOnDisconnect, afterId: '-1', modes: null })
  }

  /** Creates it and answers with its result. */
  async wait(
    threadId: string | null,
    dto: CreateRunDto,
    http: { request: FastifyRequest; reply: FastifyReply },
  ): Promise<void> {
    this.open.admit(http.reply)
    const { request, run } = await this.#create(threadId, dto, http.request)
    this.responses.wait(http.reply, run, { cancelOnDisconnect: request.onDisconnect === 'cancel', isNew: true })
  }

  async #create(
    threadId: string | null,
    dto: CreateRunDto,
    { headers }: FastifyRequest,
  ): Promise<{ request: RunRequest; run: Run }> {
    const wanted = toRunRequest(dto, this.#injected(headers))
    const permitted = await this.access.permit(threadId, wanted)
    return { request: permitted.request, run: await this.runs.create(threadId, permitted) }
  }

  /** What the graph reads of the request: headers, and who has sent it (contract 1.8). */
  #injected(headers: FastifyRequest['headers']): JsonObject {
    const picked = configurableHeaders(headers, this.settings.http.configurableHeaders)
    return { ...picked, ...identityKeys(this.callers.current) }
  }
}
