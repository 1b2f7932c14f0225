import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common'
import type { CheckpointRef, ThreadState } from '#graphs'
import { parseBooleanQuery, parseListQuery, type QueryValue, UuidPipe } from '#http'
import { CheckpointMetadata } from './checkpoint-metadata.js'
import { toCheckpointRef } from './dto/checkpoint-ref.js'
import { PatchStateDto } from './dto/patch-state.dto.js'
import { ReadStateDto } from './dto/read-state.dto.js'
import { UpdateStateDto } from './dto/update-state.dto.js'
import { stateSelection } from './state-selection.js'
import { ThreadStateService } from './thread-state.service.js'
import { ThreadStateUpdates } from './thread-state-updates.js'
import { toUpdateAnswer, type UpdateAnswer } from './update-answer.js'

/** Query of a read: `subgraphs` and `select`. */
type ReadQuery = Record<string, QueryValue>

/** `/threads/{thread_id}/state` (contract 4.9). */
@Controller('threads/:thread_id/state')
export class ThreadStateController {
  constructor(
    private readonly states: ThreadStateService,
    private readonly updates: ThreadStateUpdates,
    private readonly metadata: CheckpointMetadata,
  ) {}

  @Get()
  latest(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Query() query: ReadQuery,
  ): Promise<Partial<ThreadState>> {
    return this.#read(threadId, {}, query)
  }

  @Get(':checkpoint_id')
  atCheckpoint(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Param('checkpoint_id', new UuidPipe('checkpoint')) checkpointId: string,
    @Query() query: ReadQuery,
  ): Promise<Partial<ThreadState>> {
    return this.#read(threadId, { checkpointId }, query)
  }

  @Post('checkpoint')
  @HttpCode(200)
  async ofCheckpoint(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Body() body: ReadStateDto,
  ): Promise<Partial<ThreadState>> {
    const select = stateSelection(body.select)
    const which = { ...toCheckpointRef(body.checkpoint), subgraphs: body.subgraphs ?? false }
    return select(await this.states.read(threadId, which))
  }

  @Post()
  @HttpCode(200)
  async update(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Body() body: UpdateStateDto,
  ): Promise<UpdateAnswer> {
    const at = toCheckpointRef(body.checkpoint, body.checkpoint_id)
    const update = { values: body.values ?? null, asNode: body.as_node ?? null }
    return toUpdateAnswer(await this.updates.update(threadId, [update], at))
  }

  @Patch()
  @HttpCode(204)
  patch(@Param('thread_id', new UuidPipe('thread')) threadId: string, @Body() body: PatchStateDto): Promise<void> {
    return this.metadata.patch(threadId, body.metadata)
  }

  async #read(threadId: string, which: CheckpointRef, query: ReadQuery): Promise<Partial<ThreadState>> {
    const select = stateSelection(parseListQuery(query['select']))
    const subgraphs = parseBooleanQuery(query['subgraphs'], 'subgraphs') ?? false
    return select(await this.states.read(threadId, { ...which, subgraphs }))
  }
}
