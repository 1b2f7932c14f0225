import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common'
import type { ReadStateOptions, ThreadState } from '#graphs'
import type { QueryValue } from '#http'
import { parseBooleanQuery, parseDto, UuidPipe } from '#http'
import { requireUuid } from '#kernel'
import { CheckpointDto, ReadStateDto } from './dto/read-state.dto.js'
import { ThreadStateService } from './thread-state.service.js'

/** Reading `/threads/{thread_id}/state` (contract 4.9). */
@Controller('threads/:thread_id/state')
export class ThreadStateController {
  constructor(private readonly states: ThreadStateService) {}

  @Get()
  latest(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Query('subgraphs') subgraphs: QueryValue,
  ): Promise<ThreadState> {
    return this.states.read(threadId, { subgraphs: parseBooleanQuery(subgraphs, 'subgraphs') ?? false })
  }

  @Get(':checkpoint_id')
  atCheckpoint(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Param('checkpoint_id', new UuidPipe('checkpoint')) checkpointId: string,
    @Query('subgraphs') subgraphs: QueryValue,
  ): Promise<ThreadState> {
    return this.states.read(threadId, {
      checkpointId,
      subgraphs: parseBooleanQuery(subgraphs, 'subgraphs') ?? false,
    })
  }

  @Post('checkpoint')
  @HttpCode(200)
  ofCheckpoint(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Body() body: ReadStateDto,
  ): Promise<ThreadState> {
    return this.states.read(threadId, readOptionsOf(body))
  }
}

function readOptionsOf(body: ReadStateDto): ReadStateOptions {
  const { checkpoint_id, checkpoint_ns, checkpoint_map } = parseDto(CheckpointDto, body.checkpoint, 'checkpoint')
  return {
    checkpointId: checkpoint_id ? requireUuid('checkpoint', checkpoint_id) : undefined,
    checkpointNs: checkpoint_ns ?? undefined,
    checkpointMap: checkpoint_map,
    subgraphs: body.subgraphs ?? false,
  }
}
