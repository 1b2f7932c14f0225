import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { WireRun } from '#events'
import { UuidPipe } from '#http'
import { CreateRunDto } from './dto/create-run.dto.js'
import { RunCreation } from './run-creation.js'
import { toWireRun } from './wire-run.js'

/** Runs on a thread: creation. `/thread/…` is the spelling of the webhook guide (webhooks contract 1). */
@Controller(['threads/:thread_id/runs', 'thread/:thread_id/runs'])
export class ThreadRunCreationController {
  constructor(private readonly creation: RunCreation) {}

  @Post()
  @HttpCode(200)
  async create(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Body() dto: CreateRunDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WireRun> {
    return toWireRun(await this.creation.create(threadId, dto, { request, reply }))
  }

  @Post('stream')
  @HttpCode(200)
  async stream(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Body() dto: CreateRunDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.creation.stream(threadId, dto, { request, reply })
  }

  @Post('wait')
  @HttpCode(200)
  async wait(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Body() dto: CreateRunDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.creation.wait(threadId, dto, { request, reply })
  }
}
