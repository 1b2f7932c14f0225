import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common'
import type { QueryValue, ReplyHeaders } from '#http'
import { pageOf, parseListQuery, setPaginationHeaders, UuidPipe } from '#http'
import { invalidRequest, requireUuid } from '#kernel'
import { CountThreadsDto } from './dto/count-threads.dto.js'
import { CreateThreadDto } from './dto/create-thread.dto.js'
import { PatchThreadDto } from './dto/patch-thread.dto.js'
import { SearchThreadsDto } from './dto/search-threads.dto.js'
import { toSupersteps } from './dto/superstep.dto.js'
import { prefersMinimal } from './prefer-header.js'
import { ThreadCreation } from './thread-creation.js'
import { orderOf, threadFilterOf, threadRowsOf } from './thread-search.js'
import { parseTtl } from './thread-ttl.js'
import { toWireThread, toWireThreadWithTtl, type WireThread, type WireThreadRow } from './thread-wire.js'
import { ThreadsService } from './threads.service.js'

/** What of a Fastify reply a route needs that sets its own status. */
interface ReplyStatus {
  status(code: number): unknown
}

/** `/threads` (contract 4.1 to 4.6). */
@Controller('threads')
export class ThreadsController {
  constructor(
    private readonly threads: ThreadsService,
    private readonly creation: ThreadCreation,
  ) {}

  @Post()
  @HttpCode(200)
  async create(@Body() body: CreateThreadDto): Promise<WireThread> {
    const thread = await this.creation.create({
      threadId: body.thread_id == null ? null : requireUuid('thread', body.thread_id),
      metadata: body.metadata ?? {},
      ifExists: body.if_exists ?? 'raise',
      supersteps: toSupersteps(body.supersteps),
      ttl: parseTtl(body.ttl),
    })
    return toWireThread(thread)
  }

  @Post('search')
  @HttpCode(200)
  async search(
    @Body() body: SearchThreadsDto,
    @Res({ passthrough: true }) reply: ReplyHeaders,
  ): Promise<WireThreadRow[]> {
    const page = pageOf(body)
    const toRows = threadRowsOf(body)
    const { threads, total } = await this.threads.search(threadFilterOf(body), orderOf(body), page)
    setPaginationHeaders(reply, page, total)
    return toRows(threads)
  }

  @Post('count')
  @HttpCode(200)
  count(@Body() body: CountThreadsDto): Promise<number> {
    return this.threads.count(threadFilterOf(body))
  }

  @Get(':thread_id')
  async get(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Query('include') include: QueryValue,
  ): Promise<WireThread> {
    const toWire = requireIncludable(parseListQuery(include)).includes('ttl') ? toWireThreadWithTtl : toWireThread
    return toWire(await this.threads.read(threadId))
  }

  /** With `Prefer: return=minimal` the answer is 204 and empty. */
  @Patch(':thread_id')
  async patch(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Body() body: PatchThreadDto,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: ReplyStatus,
  ): Promise<WireThread | undefined> {
    const thread = await this.threads.patch(threadId, { metadata: body.metadata ?? {}, ttl: parseTtl(body.ttl) })
    if (!prefersMinimal(prefer)) return toWireThread(thread)
    reply.status(204)
    return undefined
  }

  @Delete(':thread_id')
  @HttpCode(204)
  delete(@Param('thread_id', new UuidPipe('thread')) threadId: string): Promise<void> {
    return this.threads.delete(threadId)
  }
}

/** `include` of a thread knows one member (contract 4.2). @throws AppError `invalid_request`. */
function requireIncludable(include: readonly string[]): readonly string[] {
  const unknown = include.find((field) => field !== 'ttl')
  if (unknown !== undefined) throw invalidRequest(`include: unknown field "${unknown}"; one of ttl`)
  return include
}
