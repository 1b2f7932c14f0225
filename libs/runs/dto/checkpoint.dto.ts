import { IsOptional, IsString } from 'class-validator'
import { IsJsonObject } from '#http'
import type { JsonObject } from '#kernel'

/** A place in a thread's history (contract 2.4). A `thread_id` in it is ignored in favour of the path. */
export class CheckpointDto {
  /** A UUID. */
  @IsOptional()
  @IsString()
  checkpoint_id?: string | null

  /** Empty for the root graph. */
  @IsOptional()
  @IsString()
  checkpoint_ns?: string | null

  @IsOptional()
  @IsJsonObject()
  checkpoint_map?: JsonObject | null
}
