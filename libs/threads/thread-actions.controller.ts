import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common'
import { UuidPipe } from '#http'
import { requireUuid } from '#kernel'
import { PruneThreadsDto } from './dto/prune-threads.dto.js'
import { ThreadCopying } from './thread-copying.js'
import { ThreadPruning } from './thread-pruning.js'
import { toWireThread, type WireThread } from './thread-wire.js'

/** Copying and pruning threads (contract 4.7 and 4.8). */
@Controller('threads')
export class ThreadActionsController {
  constructor(
    private readonly copying: ThreadCopying,
    private readonly pruning: ThreadPruning,
  ) {}

  @Post(':thread_id/copy')
  @HttpCode(200)
  async copy(@Param('thread_id', new UuidPipe('thread')) threadId: string): Promise<WireThread> {
    return toWireThread(await this.copying.copy(threadId))
  }

  @Post('prune')
  @HttpCode(200)
  async prune(@Body() body: PruneThreadsDto): Promise<{ pruned_count: number }> {
    const threadIds = body.thread_ids.map((id) => requireUuid('thread', id))
    return { pruned_count: await this.pruning.prune(threadIds, body.strategy ?? 'delete') }
  }
}
