import { IsOptional } from 'class-validator'
import { IsJsonObject } from '#http'
import type { JsonObject } from '#kernel'

/** Body of `PATCH /threads/{thread_id}` (contract 4.3). */
export class PatchThreadDto {
  /** Merged into the thread's metadata, key by key. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null

  /** How long the thread lives from now on: minutes, or `{ttl: minutes, strategy}`. Read by `parseTtl`. */
  @IsOptional()
  ttl?: unknown
}
