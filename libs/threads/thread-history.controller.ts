import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common'
import type { HistoryOptions, ThreadState } from '#graphs'
import {
  lastQueryValue,
  LIMIT_RANGE,
  pageOf,
  parseIntegerQuery,
  parseListQuery,
  type QueryValue,
  UuidPipe,
} from '#http'
import { toCheckpointRef } from './dto/checkpoint-ref.js'
import { HistoryDto, toBefore } from './dto/history.dto.js'
import { stateSelection } from './state-selection.js'
import { ThreadStateService } from './thread-state.service.js'

/** `/threads/{thread_id}/history` (contract 4.10). */
@Controller('threads/:thread_id/history')
export class ThreadHistoryController {
  constructor(private readonly states: ThreadStateService) {}

  @Get()
  async get(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Query() query: Record<string, QueryValue>,
  ): Promise<Partial<ThreadState>[]> {
    const select = stateSelection(parseListQuery(query['select']))
    const { limit } = pageOf({ limit: parseIntegerQuery(query['limit'], 'limit', LIMIT_RANGE) })
    const before = toBefore(lastQueryValue(query['before']))
    return (await this.states.history(threadId, { limit, before })).map(select)
  }

  @Post()
  @HttpCode(200)
  async search(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Body() body: HistoryDto,
  ): Promise<Partial<ThreadState>[]> {
    const select = stateSelection(body.select)
    return (await this.states.history(threadId, historyOptionsOf(body))).map(select)
  }
}

function historyOptionsOf(body: HistoryDto): HistoryOptions {
  return {
    ...toCheckpointRef(body.checkpoint),
    limit: pageOf(body).limit,
    before: toBefore(body.before),
    metadata: body.metadata ?? undefined,
  }
}
