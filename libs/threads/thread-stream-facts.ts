import { Injectable, type OnModuleInit } from '@nestjs/common'
import { EventBus } from '#events'
import { ThreadStreams } from '#streaming'

/** Tells the readers of threads what happens beside the events of runs. */
@Injectable()
export class ThreadStreamFacts implements OnModuleInit {
  constructor(
    private readonly bus: EventBus,
    private readonly streams: ThreadStreams,
  ) {}

  onModuleInit(): void {
    const { bus, streams } = this
    const name = 'threads.streams'
    bus.afterCommit('run.finished', name, ({ run }) => {
      // Nobody is told the thread of a stateless run.
      if (run.kwargs['temporary'] !== true) streams.runEnded(run.thread_id, run.run_id)
    })
    bus.afterCommit('thread.stateUpdated', name, (fact) => streams.stateUpdated(fact.threadId, fact.checkpointId))
    bus.afterCommit('thread.deleted', name, ({ threadId }) => streams.end(threadId))
  }
}
