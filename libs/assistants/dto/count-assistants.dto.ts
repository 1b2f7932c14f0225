import { IsOptional, IsString } from 'class-validator'
import { IsJsonObject } from '#http'
import type { JsonObject } from '#kernel'
import type { AssistantFilter } from '../assistant-filter.js'

/** Body of `POST /assistants/count` (contract 3.7). */
export class CountAssistantsDto {
  /** Contained in the assistant's metadata. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null

  /** Exact. */
  @IsOptional()
  @IsString()
  graph_id?: string | null

  /** A part of the name, in any case. */
  @IsOptional()
  @IsString()
  name?: string | null
}

/** The filter in the body of a search or a count. */
export function assistantFilterOf(dto: CountAssistantsDto): AssistantFilter {
  return { metadata: dto.metadata ?? null, graphId: dto.graph_id ?? null, name: dto.name ?? null }
}
