import { IsOptional } from 'class-validator'
import { IsJsonObject, PageDto } from '#http'
import type { JsonObject } from '#kernel'

/** Body of `POST /assistants/{assistant_id}/versions` (contract 3.8). */
export class AssistantVersionsDto extends PageDto {
  /** Contained in the version's metadata. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null
}
