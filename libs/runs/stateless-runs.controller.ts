import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { WireRun } from '#events'
import { UuidPipe } from '#http'
import { readCancelTarget } from './dto/cancel-runs.dto.js'
import { CreateRunDto } from './dto/create-run.dto.js'
import { type Query as QueryString, readCancelAction, readJoinQuery } from './dto/run-query.js'
import { MassCancellation } from './mass-cancellation.js'
import { RunCreation } from './run-creation.js'
import { RunJoining } from './run-joining.js'
import { toWireRun } from './wire-run.js'

/** Runs without a given thread (contract 7.3). */
@Controller('runs')
export class StatelessRunsController {
  constructor(
    private readonly creation: RunCreation,
    private readonly joining: RunJoining,
    private readonly cancellation: MassCancellation,
  ) {}

  @Post()
  @HttpCode(200)
  async create(
    @Body() dto: CreateRunDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WireRun> {
    return toWireRun(await this.creation.create(null, dto, { request, reply }))
  }

  @Post('stream')
  @HttpCode(200)
  async stream(@Body() dto: CreateRunDto, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.creation.stream(null, dto, { request, reply })
  }

  @Post('wait')
  @HttpCode(200)
  async wait(@Body() dto: CreateRunDto, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.creation.wait(null, dto, { request, reply })
  }

  @Post('batch')
  @HttpCode(200)
  async createBatch(@Body() body: unknown, @Req() request: FastifyRequest): Promise<WireRun[]> {
    return (await this.creation.createBatch(body, request)).map(toWireRun)
  }

  @Post('cancel')
  @HttpCode(204)
  async cancelMany(@Body() body: unknown, @Query() query: QueryString): Promise<void> {
    const action = readCancelAction(query)
    await this.cancellation.cancel(readCancelTarget(body), action)
  }

  @Get(':run_id/stream')
  async joinStream(
    @Param('run_id', new UuidPipe('run')) runId: string,
    @Query() query: QueryString,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.joining.stream(reply, { threadId: null, runId, lastEventId, ...readJoinQuery(query) })
  }
}
