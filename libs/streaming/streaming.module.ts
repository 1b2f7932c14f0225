import { Module } from '@nestjs/common'
import { Settings } from '#config'
import { Clock, Logger } from '#kernel'
import { DEFAULT_THREAD_LIMITS } from './logged-thread-streams.js'
import { MemoryRunStreams } from './memory-run-streams.js'
import { MemoryThreadStreams } from './memory-thread-streams.js'
import { OpenResponses } from './open-responses.js'
import { InstallationRepository } from './redis/installation.repository.js'
import { RedisConnection } from './redis/redis-connection.js'
import { RedisRunStreams } from './redis/redis-run-streams.js'
import { RedisThreadStreams } from './redis/redis-thread-streams.js'
import { DEFAULT_LIMITS } from './run-logs.js'
import { RunStreams } from './run-streams.js'
import { StreamEnds } from './stream-ends.js'
import { StreamMetrics } from './stream-metrics.js'
import { ThreadStreams } from './thread-streams.js'

const runStreams = {
  provide: RunStreams,
  inject: [Settings, Clock, Logger, RedisConnection],
  useFactory: ({ runs }: Settings, clock: Clock, logger: Logger, { link }: RedisConnection): RunStreams => {
    const limits = { retentionMs: runs.eventRetentionMs, ...DEFAULT_LIMITS }
    return link === null ? new MemoryRunStreams(clock, limits) : new RedisRunStreams({ link, clock, logger, limits })
  },
}

const threadStreams = {
  provide: ThreadStreams,
  inject: [Settings, Clock, Logger, RedisConnection, RunStreams],
  useFactory: (
    settings: Settings,
    clock: Clock,
    logger: Logger,
    { link }: RedisConnection,
    runs: RunStreams,
  ): ThreadStreams => {
    const limits = { retentionMs: settings.runs.eventRetentionMs, ...DEFAULT_THREAD_LIMITS }
    if (link !== null && runs instanceof RedisRunStreams) {
      return new RedisThreadStreams({ clock, limits, runs }, link, logger)
    }
    return new MemoryThreadStreams({ clock, limits, runs })
  },
}

/** Live events of runs and threads, and the responses that carry them: in memory, or in Redis where it is configured. */
@Module({
  providers: [
    StreamEnds,
    StreamMetrics,
    OpenResponses,
    InstallationRepository,
    RedisConnection,
    runStreams,
    threadStreams,
  ],
  exports: [OpenResponses, RunStreams, ThreadStreams],
})
export class StreamingModule {}
