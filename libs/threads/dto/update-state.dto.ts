import { IsOptional, IsString } from 'class-validator'
import { IsJsonObject } from '#http'
import type { JsonObject } from '#kernel'
import { IsStateValues } from './state-validators.js'

/** Body of `POST /threads/{thread_id}/state` (contract 4.9). */
export class UpdateStateDto {
  /** What the node gives back; null clears or advances. */
  @IsStateValues()
  values?: unknown

  /** The node that writes; `__copy__` forks. The last one when absent. */
  @IsOptional()
  @IsString()
  as_node?: string | null

  /** The checkpoint to write on, read as a `CheckpointDto`; the latest when absent. */
  @IsOptional()
  @IsJsonObject()
  checkpoint?: JsonObject | null

  /** The same by its id alone; an id in `checkpoint` goes before it. */
  @IsOptional()
  @IsString()
  checkpoint_id?: string | null
}
