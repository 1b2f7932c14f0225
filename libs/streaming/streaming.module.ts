import { StreamEnds } from './stream-ends.js'
import { StreamMetrics } from './stream-metrics.js'
import { Module } from '@nestjs/common'
import { Settings } from '#config'
import { Clock } from '#kernel'
import { DEFAULT_LIMITS, MemoryRunStreams } from './memory-run-streams.js'
import { DEFAULT_THREAD_LIMITS, MemoryThreadStreams } from './memory-thread-streams.js'
import { OpenResponses } from './open-responses.js'
import { RunStreams } from './run-streams.js'
import { ThreadStreams } from './thread-streams.js'

/** Live events of runs and threads, and the responses that carry them. */
@Module({
  providers: [
    StreamEnds,
    StreamMetrics,
    OpenResponses,
    {
      provide: RunStreams,
      inject: [Settings, Clock],
      useFactory: ({ runs }: Settings, clock: Clock) =>
        new MemoryRunStreams(clock, { retentionMs: runs.eventRetentionMs, ...DEFAULT_LIMITS }),
    },
    {
      provide: ThreadStreams,
      inject: [Settings, Clock, RunStreams],
      useFactory: ({ runs }: Settings, clock: Clock, streams: RunStreams) =>
        new MemoryThreadStreams(clock, { retentionMs: runs.eventRetentionMs, ...DEFAULT_THREAD_LIMITS }, streams),
    },
  ],
  exports: [OpenResponses, RunStreams, ThreadStreams],
})
export class StreamingModule {}
