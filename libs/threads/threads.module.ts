import { Module } from '@nestjs/common'
import { GraphsModule } from '#graphs'
import { StreamingModule } from '#streaming'
import { AssistantThreads } from './assistant-threads.js'
import { AssistantThreadsRepository } from './assistant-threads.repository.js'
import { CheckpointMetadata } from './checkpoint-metadata.js'
import { ThreadActionsController } from './thread-actions.controller.js'
import { ThreadCopying } from './thread-copying.js'
import { ThreadCreation } from './thread-creation.js'
import { ThreadExpiryRepository } from './thread-expiry.repository.js'
import { ThreadHistoryController } from './thread-history.controller.js'
import { ThreadInsertion } from './thread-insertion.js'
import { ThreadPruning } from './thread-pruning.js'
import { ThreadRemoval } from './thread-removal.js'
import { ThreadStateController } from './thread-state.controller.js'
import { ThreadStateService } from './thread-state.service.js'
import { ThreadStateStore } from './thread-state-store.js'
import { ThreadStateUpdates } from './thread-state-updates.js'
import { ThreadStreamController } from './thread-stream.controller.js'
import { ThreadStreamFacts } from './thread-stream-facts.js'
import { ThreadStreamWatch } from './thread-stream-watch.js'
import { ThreadStreaming } from './thread-streaming.js'
import { ThreadSweepSchedule } from './thread-sweep-schedule.js'
import { ThreadSweeper } from './thread-sweeper.js'
import { ThreadTrimming } from './thread-trimming.js'
import { ThreadsController } from './threads.controller.js'
import { ThreadsRepository } from './threads.repository.js'
import { ThreadsService } from './threads.service.js'

/** Threads, their state, and their routes. Needs the scheduler's registry from a global module. */
@Module({
  imports: [GraphsModule, StreamingModule],
  controllers: [
    ThreadsController,
    ThreadActionsController,
    ThreadStateController,
    ThreadHistoryController,
    ThreadStreamController,
  ],
  providers: [
    AssistantThreads,
    AssistantThreadsRepository,
    CheckpointMetadata,
    ThreadCopying,
    ThreadCreation,
    ThreadExpiryRepository,
    ThreadInsertion,
    ThreadPruning,
    ThreadRemoval,
    ThreadStateService,
    ThreadStateStore,
    ThreadStateUpdates,
    ThreadStreamFacts,
    ThreadStreamWatch,
    ThreadStreaming,
    ThreadSweepSchedule,
    ThreadSweeper,
    ThreadTrimming,
    ThreadsRepository,
    ThreadsService,
  ],
  exports: [
    AssistantThreads,
    ThreadCreation,
    ThreadStateService,
    ThreadSweepSchedule,
    ThreadSweeper,
    ThreadsRepository,
    ThreadsService,
  ],
})
export class ThreadsModule {}
