import { Module } from '@nestjs/common'
import { GraphsModule } from '#graphs'
import { ThreadStateController } from './thread-state.controller.js'
import { ThreadStateService } from './thread-state.service.js'
import { ThreadsController } from './threads.controller.js'
import { ThreadsRepository } from './threads.repository.js'
import { ThreadsService } from './threads.service.js'

/** Threads, their state, and their routes. */
@Module({
  imports: [GraphsModule],
  controllers: [ThreadsController, ThreadStateController],
  providers: [ThreadsRepository, ThreadsService, ThreadStateService],
  exports: [ThreadsRepository, ThreadsService, ThreadStateService],
})
export class ThreadsModule {}
