import { Injectable } from '@nestjs/common'
import { type ReadStateOptions, type ThreadState, ThreadStates } from '#graphs'
import { ThreadsService } from './threads.service.js'

/** The state of threads (contract 4.9). */
@Injectable()
export class ThreadStateService {
  constructor(
    private readonly threads: ThreadsService,
    private readonly states: ThreadStates,
  ) {}

  /** Reads a state, also while a run is active; empty before the first run. @throws AppError `thread_not_found`. */
  async read(threadId: string, which: ReadStateOptions): Promise<ThreadState> {
    const { metadata, config } = await this.threads.get(threadId)
    const graphId = metadata['graph_id']
    return this.states.read({ threadId, graphId: typeof graphId === 'string' ? graphId : null, config }, which)
  }
}
