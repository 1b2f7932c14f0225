import { IsOptional } from 'class-validator'
import { IsJsonObject } from '#http'
import type { JsonObject } from '#kernel'
import { IsUnsupported } from './is-unsupported.js'

/** Body of `PATCH /threads/{thread_id}` (contract 4.3). */
export class PatchThreadDto {
  /** Merged into the thread's metadata, key by key. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null

  /** How long the thread lives. */
  @IsUnsupported()
  ttl?: null
}
