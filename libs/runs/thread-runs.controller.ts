import { Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import type { WireRun } from '#events'
import { pickSelected, UuidPipe } from '#http'
import { type Query as QueryString, readCancelQuery, readJoinQuery, readListQuery } from './dto/run-query.js'
import { RunCancellation } from './run-cancellation.js'
import { RunDeletion } from './run-deletion.js'
import { RunJoining } from './run-joining.js'
import { RunQueries } from './run-queries.js'
import { toWireRun } from './wire-run.js'

/** Runs on a thread: reading, joining, cancelling, deleting. */
@Controller('threads/:thread_id/runs')
export class ThreadRunsController {
  constructor(
    private readonly queries: RunQueries,
    private readonly joining: RunJoining,
    private readonly cancellation: RunCancellation,
    private readonly deletion: RunDeletion,
  ) {}

  @Get()
  async list(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Query() query: QueryString,
  ): Promise<Partial<WireRun>[]> {
    const { select, ...page } = readListQuery(query)
    const runs = await this.queries.list({ threadId, ...page })
    return runs.map((run) => pickSelected(toWireRun(run), select))
  }

  @Get(':run_id')
  async get(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Param('run_id', new UuidPipe('run')) runId: string,
  ): Promise<WireRun> {
    return toWireRun(await this.queries.get(threadId, runId))
  }

  @Delete(':run_id')
  @HttpCode(204)
  async delete(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Param('run_id', new UuidPipe('run')) runId: string,
  ): Promise<void> {
    await this.queries.getToDelete(threadId, runId)
    await this.deletion.delete(threadId, runId)
  }

  @Get(':run_id/join')
  async join(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Param('run_id', new UuidPipe('run')) runId: string,
    @Query() query: QueryString,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.joining.wait(reply, { threadId, runId, ...readJoinQuery(query) })
  }

  @Get(':run_id/stream')
  async joinStream(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Param('run_id', new UuidPipe('run')) runId: string,
    @Query() query: QueryString,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.joining.stream(reply, { threadId, runId, lastEventId, ...readJoinQuery(query) })
  }

  /** 202 at once, or with `wait` the run's result once it has ended (contract 5.11). */
  @Post(':run_id/cancel')
  async cancel(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Param('run_id', new UuidPipe('run')) runId: string,
    @Query() query: QueryString,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { action, wait } = readCancelQuery(query)
    if (wait) this.joining.admit(reply)
    const run = await this.queries.getToCancel(threadId, runId, action)
    await this.cancellation.cancel(threadId, runId, action)
    if (wait) this.joining.waitFor(reply, run)
    else await reply.code(202).send()
  }
}
