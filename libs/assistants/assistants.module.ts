import { Module } from '@nestjs/common'
import { GraphsModule } from '#graphs'
import { AssistantsController } from './assistants.controller.js'
import { AssistantsRepository } from './assistants.repository.js'
import { AssistantsService } from './assistants.service.js'

/** Assistants and their routes. */
@Module({
  imports: [GraphsModule],
  controllers: [AssistantsController],
  providers: [AssistantsRepository, AssistantsService],
  exports: [AssistantsService],
})
export class AssistantsModule {}
