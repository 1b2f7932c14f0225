import { IsOptional, IsString } from 'class-validator'
import { IsJsonObject, IsRunConfig } from '#http'
import type { JsonObject } from '#kernel'

/** What a body may say of an assistant; null is absent. */
export class AssistantContentDto {
  /** Defaults of its runs; a patch replaces them. */
  @IsOptional()
  @IsRunConfig()
  config?: JsonObject | null

  /** Default static context of its runs; a patch replaces it. */
  @IsOptional()
  @IsJsonObject()
  context?: JsonObject | null

  /** A patch is merged into it, key by key. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null

  /** `Untitled` for an assistant that is made without. */
  @IsOptional()
  @IsString()
  name?: string | null

  @IsOptional()
  @IsString()
  description?: string | null
}
