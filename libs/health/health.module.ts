import { Module } from '@nestjs/common'
import { Settings } from '#config'
import { BlockWatch } from './block-watch.js'
import { DatabaseProbe } from './database-probe.js'
import { EventLoopDelay } from './event-loop-delay.js'
import { graphLibraryVersion } from './graph-library-version.js'
import { HealthController } from './health.controller.js'
import { SERVER_INFO } from './health.tokens.js'
import { HttpMetrics } from './http-metrics.js'
import { MetricsController } from './metrics.controller.js'
import { Metrics } from './metrics.js'
import { Parts } from './parts.js'
import { Readiness } from './readiness.js'
import { serverInfo } from './server-info.js'
import { SystemController } from './system.controller.js'

/** Liveness, readiness and what the server is. */
@Module({
  controllers: [HealthController, MetricsController, SystemController],
  providers: [
    BlockWatch,
    DatabaseProbe,
    EventLoopDelay,
    HttpMetrics,
    Metrics,
    Parts,
    Readiness,
    {
      provide: SERVER_INFO,
      inject: [Settings],
      useFactory: ({ projectDir }: Settings) => serverInfo(graphLibraryVersion(projectDir)),
    },
  ],
  exports: [BlockWatch, HttpMetrics, Readiness],
})
export class HealthModule {}
