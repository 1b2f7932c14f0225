import { Module } from '@nestjs/common'
import { AssistantsModule } from '#assistants'
import { GraphsModule } from '#graphs'
import { RunsModule } from '#runs'
import { ThreadsModule } from '#threads'
import { CronClaims } from './cron-claims.js'
import { CronClock } from './cron-clock.js'
import { CronCommands } from './cron-commands.js'
import { CronFiring } from './cron-firing.js'
import { CronGround } from './cron-ground.js'
import { CronQueries } from './cron-queries.js'
import { CronScheduler } from './cron-scheduler.js'
import { CronsController } from './crons.controller.js'
import { CronsRepository } from './crons.repository.js'
import { CronsService } from './crons.service.js'
import { DueCronsRepository } from './due-crons.repository.js'
import { ThreadCronsController } from './thread-crons.controller.js'

/**
 * Crons: their routes, and the scheduler that makes their runs; needs the registry of `@nestjs/schedule` from a global
 * module.
 */
@Module({
  imports: [AssistantsModule, GraphsModule, RunsModule, ThreadsModule],
  controllers: [CronsController, ThreadCronsController],
  providers: [
    CronClaims,
    CronClock,
    CronCommands,
    CronFiring,
    CronGround,
    CronQueries,
    CronScheduler,
    CronsRepository,
    CronsService,
    DueCronsRepository,
  ],
  exports: [CronScheduler],
})
export class CronsModule {}
