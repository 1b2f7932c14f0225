import { Module } from '@nestjs/common'
import { GraphsModule } from '#graphs'
import { AssistantChanges } from './assistant-changes.js'
import { AssistantCreation } from './assistant-creation.js'
import { AssistantGraphsController } from './assistant-graphs.controller.js'
import { AssistantRemoval } from './assistant-removal.js'
import { AssistantVersionsRepository } from './assistant-versions.repository.js'
import { AssistantsController } from './assistants.controller.js'
import { AssistantsRepository } from './assistants.repository.js'
import { AssistantsService } from './assistants.service.js'
import { LockedAssistants } from './locked-assistants.js'
import { SystemAssistants } from './system-assistants.js'

/** Assistants, their versions and graphs, and their routes. */
@Module({
  imports: [GraphsModule],
  controllers: [AssistantsController, AssistantGraphsController],
  providers: [
    AssistantChanges,
    AssistantCreation,
    AssistantRemoval,
    AssistantVersionsRepository,
    AssistantsRepository,
    AssistantsService,
    LockedAssistants,
    SystemAssistants,
  ],
  exports: [AssistantsService],
})
export class AssistantsModule {}
