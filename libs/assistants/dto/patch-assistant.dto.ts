import { IsNotEmpty, IsOptional, IsString } from 'class-validator'
import { IsJsonObject, IsRunConfig } from '#http'
import type { JsonObject } from '#kernel'
import type { AssistantPatch } from '../assistant-changes.js'

/** Body of `PATCH /assistants/{assistant_id}` (contract 3.4); null is absent. */
export class PatchAssistantDto {
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  graph_id?: string | null

  /** Takes the place of the old one. */
  @IsOptional()
  @IsRunConfig()
  config?: JsonObject | null

  /** Takes the place of the old one. */
  @IsOptional()
  @IsJsonObject()
  context?: JsonObject | null

  /** Merged into the old one, key by key. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null

  @IsOptional()
  @IsString()
  name?: string | null

  @IsOptional()
  @IsString()
  description?: string | null
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
