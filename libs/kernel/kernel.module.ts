import { type DynamicModule, Global, Module } from '@nestjs/common'
import { Clock, Random, SystemClock, SystemRandom } from './clock.js'
import { CustomRoutes } from './custom-routes.js'
import { MetricSources } from './metric-sources.js'
import { Logger } from './logger.js'
import { ReadinessProbes } from './readiness-probes.js'

/** What a test puts in place of the machine's own time and chance. */
export interface KernelOptions {
  readonly logger: Logger
  readonly clock?: Clock
  readonly random?: Random
}

/** Clock, randomness, logging and the way to the project's own routes, for every room. */
@Global()
@Module({})
export class KernelModule {
  static register(options: KernelOptions): DynamicModule {
    return {
      module: KernelModule,
      providers: [
        { provide: Logger, useValue: options.logger },
        { provide: Clock, useValue: options.clock ?? new SystemClock() },
        { provide: Random, useValue: options.random ?? new SystemRandom() },
        CustomRoutes,
        MetricSources,
        ReadinessProbes,
      ],
      exports: [Logger, Clock, Random, CustomRoutes, MetricSources, ReadinessProbes],
    }
  }
}
