import { AssistantVersion } from './assistant-version.entity.js'
import { Assistant } from './assistant.entity.js'

export { Assistant } from './assistant.entity.js'
export { assistantNotFound, noAssistantFor } from './assistants.errors.js'
export { AssistantsModule } from './assistants.module.js'
export { AssistantsService } from './assistants.service.js'

/** The tables of this room as TypeORM knows them. */
export const ASSISTANT_ENTITIES = [Assistant, AssistantVersion]
