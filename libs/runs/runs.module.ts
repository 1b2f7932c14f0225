import { Module } from '@nestjs/common'
import { AssistantsModule } from '#assistants'
import { GraphsModule } from '#graphs'
import { StreamingModule } from '#streaming'
import { ThreadsModule } from '#threads'
import { ActiveRunsRepository } from './active-runs.repository.js'
import { AfterDeletion } from './after-deletion.js'
import { AssistantDeletion } from './assistant-deletion.js'
import { AssistantRunEnding } from './assistant-run-ending.js'
import { AssistantRunsRepository } from './assistant-runs.repository.js'
import { MassCancellation } from './mass-cancellation.js'
import { QueueRoom } from './queue-room.js'
import { RunAccess } from './run-access.js'
import { RunCancellation } from './run-cancellation.js'
import { RunCreation } from './run-creation.js'
import { RunDeletion } from './run-deletion.js'
import { RunEndStore } from './run-end-store.js'
import { RunEvents } from './run-events.js'
import { RunExecution } from './run-execution.js'
import { RunFinisher } from './run-finisher.js'
import { RunRemains } from './run-remains.js'
import { RunGraph } from './run-graph.js'
import { RunGround } from './run-ground.js'
import { RunJoining } from './run-joining.js'
import { RunLifecycle } from './run-lifecycle.js'
import { RunMetrics } from './run-metrics.js'
import { RunMetricsRepository } from './run-metrics.repository.js'
import { RunQueries } from './run-queries.js'
import { RunQueue } from './run-queue.js'
import { RunQueueRepository } from './run-queue.repository.js'
import { RunRecovery } from './run-recovery.js'
import { RunResponses } from './run-responses.js'
import { RunResults } from './run-results.js'
import { RunResultsRepository } from './run-results.repository.js'
import { RunStreamEnds } from './run-stream-ends.js'
import { RunStreamWatch } from './run-stream-watch.js'
import { RunWorker } from './run-worker.js'
import { RunsRepository } from './runs.repository.js'
import { RunsService } from './runs.service.js'
import { SharedResults } from './shared-results.js'
import { SharedResultsSweep } from './shared-results-sweep.js'
import { StatelessRunsController } from './stateless-runs.controller.js'
import { StoredResults } from './stored-results.js'
import { ThreadDeletion } from './thread-deletion.js'
import { ThreadRefresh } from './thread-refresh.js'
import { ThreadRunCreationController } from './thread-run-creation.controller.js'
import { ThreadRunsController } from './thread-runs.controller.js'

/** Runs: creation, queue, execution, cancellation, reading. */
@Module({
  imports: [AssistantsModule, GraphsModule, StreamingModule, ThreadsModule],
  controllers: [StatelessRunsController, ThreadRunCreationController, ThreadRunsController],
  providers: [
    ActiveRunsRepository,
    AfterDeletion,
    AssistantDeletion,
    AssistantRunEnding,
    AssistantRunsRepository,
    MassCancellation,
    QueueRoom,
    RunAccess,
    RunCancellation,
    RunCreation,
    RunDeletion,
    RunEndStore,
    RunEvents,
    RunExecution,
    RunFinisher,
    RunRemains,
    RunGraph,
    RunGround,
    RunJoining,
    RunLifecycle,
    RunMetrics,
    RunMetricsRepository,
    RunQueries,
    RunQueue,
    RunQueueRepository,
    RunRecovery,
    RunResponses,
    RunResults,
    RunResultsRepository,
    SharedResults,
    SharedResultsSweep,
    StoredResults,
    RunStreamEnds,
    RunStreamWatch,
    RunWorker,
    RunsRepository,
    RunsService,
    ThreadDeletion,
    ThreadRefresh,
  ],
  exports: [RunAccess, RunWorker, RunsService],
})
export class RunsModule {}
