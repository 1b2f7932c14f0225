import { Module } from '@nestjs/common'
import { GraphsModule } from '#graphs'
import { AssistantChanges } from './assistant-changes.js'
import { AssistantGraphsController } from './assistant-graphs.controller.js'
import { AssistantVersionsRepository } from './assistant-versions.repository.js'
import { AssistantsController } from './assistants.controller.js'
import { AssistantsRepository } from './assistants.repository.js'
import { AssistantsService } from './assistants.service.js'
import { SystemAssistants } from './system-assistants.js'

/** Assistants, their versions and graphs, and their routes. */
@Module({
  imports: [GraphsModule],
  controllers: [AssistantsController, AssistantGraphsController],
  providers: [AssistantChanges, AssistantVersionsRepository, AssistantsRepository, AssistantsService, SystemAssistants],
  exports: [AssistantsService],
})
export class AssistantsModule {}
