import { Injectable } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Settings } from '#config'
import type { JsonObject } from '#kernel'
import { configurableHeaders } from './configurable-headers.js'
import type { CreateRunDto } from './dto/create-run.dto.js'
import { readRunBatch } from './dto/run-batch.js'
import { toRunRequest } from './dto/to-run-request.js'
import { placeOf, RunResponses } from './run-responses.js'
import type { RunRequest } from './run-request.js'
import { RunsService } from './runs.service.js'
import type { Run } from './run.js'

/** The three ways to create a run over HTTP, for thread and stateless routes alike. */
@Injectable()
export class RunCreation {
  constructor(
    private readonly settings: Settings,
    private readonly runs: RunsService,
    private readonly responses: RunResponses,
  ) {}

  /** Creates it and answers with the run. */
  async create(
    threadId: string | null,
    dto: CreateRunDto,
    http: { request: FastifyRequest; reply: FastifyReply },
  ): Promise<Run> {
    const run = await this.runs.create(threadId, this.#request(dto, http.request))
    http.reply.header('content-location', placeOf(run))
    return run
  }

  /** Creates stateless runs, all or none. */
  async createBatch(body: unknown, { headers }: FastifyRequest): Promise<Run[]> {
    return this.runs.createBatch(readRunBatch(body, this.#injected(headers)))
  }

  /** Creates it and streams its events. */
  async stream(
    threadId: string | null,
    dto: CreateRunDto,
    http: { request: FastifyRequest; reply: FastifyReply },
  ): Promise<void> {
    const request = this.#request(dto, http.request)
    const run = await this.runs.create(threadId, request)
    this.responses.expect(run)
    const cancelOnDisconnect = request.onDisconnect === 'cancel'
    this.responses.stream(http.reply, run, { cancelOnDisconnect, afterId: '-1', modes: null })
  }

  /** Creates it and answers with its result. */
  async wait(
    threadId: string | null,
    dto: CreateRunDto,
    http: { request: FastifyRequest; reply: FastifyReply },
  ): Promise<void> {
    const request = this.#request(dto, http.request)
    const run = await this.runs.create(threadId, request)
    this.responses.wait(http.reply, run, { cancelOnDisconnect: request.onDisconnect === 'cancel' })
  }

  #request(dto: CreateRunDto, { headers }: FastifyRequest): RunRequest {
    return toRunRequest(dto, this.#injected(headers))
  }

  #injected(headers: FastifyRequest['headers']): JsonObject {
    return configurableHeaders(headers, this.settings.http.configurableHeaders)
  }
}
