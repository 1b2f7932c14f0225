import { IsIn, IsNotEmpty, IsOptional, IsString } from 'class-validator'
import type { AssistantRequest } from '../assistant-creation.js'
import { AssistantContentDto } from './assistant-content.dto.js'

/** Body of `POST /assistants` (contract 3.2); null is absent. */
export class CreateAssistantDto extends AssistantContentDto {
  @IsString()
  @IsNotEmpty()
  graph_id: string

  /** Made when absent. */
  @IsOptional()
  @IsString()
  assistant_id?: string | null

  /** What to do when the id is taken; default `raise`. */
  @IsOptional()
  @IsIn(['raise', 'do_nothing'])
  if_exists?: AssistantRequest['ifExists'] | null
}

/** The wanted assistant in a body. */
export function assistantRequestOf(dto: CreateAssistantDto): AssistantRequest {
  return {
    assistantId: dto.assistant_id ?? null,
    graphId: dto.graph_id,
    name: dto.name ?? 'Untitled',
    description: dto.description ?? null,
    config: dto.config ?? {},
    context: dto.context ?? {},
    metadata: dto.metadata ?? {},
    ifExists: dto.if_exists ?? 'raise',
  }
}
