import { Injectable } from '@nestjs/common'
import { type HistoryOptions, type ReadStateOptions, type ThreadRef, type ThreadState, ThreadStates } from '#graphs'
import { graphIdOf } from './thread-graph.js'
import type { Thread } from './thread.entity.js'
import { ThreadsService } from './threads.service.js'

/** Reading the state of threads (contract 4.9 and 4.10). */
@Injectable()
export class ThreadStateService {
  constructor(
    private readonly threads: ThreadsService,
    private readonly states: ThreadStates,
  ) {}

  /** Reads a state, also while a run is active; empty before the first run. @throws AppError `thread_not_found`. */
  async read(threadId: string, which: ReadStateOptions): Promise<ThreadState> {
    return this.states.read(refOf(await this.threads.read(threadId)), which)
  }

  /** The same for a caller who was let in already, to a stream for example. @throws AppError `thread_not_found`. */
  async readAfresh(threadId: string, which: ReadStateOptions): Promise<ThreadState> {
    return this.states.read(refOf(await this.threads.get(threadId)), which)
  }

  /** The states of one namespace, newest first (contract 4.10). @throws AppError `thread_not_found`. */
  async history(threadId: string, which: HistoryOptions): Promise<ThreadState[]> {
    return this.states.history(refOf(await this.threads.read(threadId)), which)
  }
}

function refOf({ threadId, metadata, config }: Thread): ThreadRef {
  return { threadId, graphId: graphIdOf(metadata), config }
}
