import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { type QueryValue, UuidPipe } from '#http'
import { readThreadStreamQuery } from './dto/thread-stream-query.js'
import { ThreadStreaming } from './thread-streaming.js'

/** `/threads/{thread_id}/stream` (contract 6.8). */
@Controller('threads/:thread_id/stream')
export class ThreadStreamController {
  constructor(private readonly streaming: ThreadStreaming) {}

  @Get()
  async stream(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Query() query: Record<string, QueryValue>,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { modes, afterId } = readThreadStreamQuery(query)
    await this.streaming.stream(reply, threadId, { modes, afterId: lastEventId || afterId })
  }
}
