import { StreamMetrics } from './stream-metrics.js'
import { Module } from '@nestjs/common'
import { Settings } from '#config'
import { Clock } from '#kernel'
import { DEFAULT_LIMITS, MemoryRunStreams } from './memory-run-streams.js'
import { OpenResponses } from './open-responses.js'
import { RunStreams } from './run-streams.js'

/** Live events of runs and the responses that carry them. */
@Module({
  providers: [
    StreamMetrics,
    OpenResponses,
    {
      provide: RunStreams,
      inject: [Settings, Clock],
      useFactory: ({ runs }: Settings, clock: Clock) =>
        new MemoryRunStreams(clock, { retentionMs: runs.eventRetentionMs, ...DEFAULT_LIMITS }),
    },
  ],
  exports: [OpenResponses, RunStreams],
})
export class StreamingModule {}
