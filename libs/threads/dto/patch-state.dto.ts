import { IsJsonObject } from '#http'
import type { JsonObject } from '#kernel'

/** Body of `PATCH /threads/{thread_id}/state` (contract 4.9). */
export class PatchStateDto {
  /** Merged into the metadata of the latest checkpoint, key by key. */
  @IsJsonObject()
  metadata: JsonObject
}
