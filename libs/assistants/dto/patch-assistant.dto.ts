import { IsNotEmpty, IsOptional, IsString } from 'class-validator'
import type { AssistantPatch } from '../assistant-changes.js'
import { AssistantContentDto } from './assistant-content.dto.js'

/** Body of `PATCH /assistants/{assistant_id}` (contract 3.4); null is absent. */
export class PatchAssistantDto extends AssistantContentDto {
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  graph_id?: string | null
}

/** The patch in a body. */
export function assistantPatchOf(dto: PatchAssistantDto): AssistantPatch {
  return {
    graphId: dto.graph_id ?? null,
    name: dto.name ?? null,
    description: dto.description ?? null,
    config: dto.config ?? null,
    context: dto.context ?? null,
    metadata: dto.metadata ?? null,
  }
}
