import { IsOptional, IsString } from 'class-validator'
import type { JsonObject } from '#kernel'
import { IsJsonObject } from './is-json-object.js'

/** Names a checkpoint. A `thread_id` in it is ignored in favour of the path. */
export class CheckpointDto {
  /** A UUID; absent means the latest of the namespace, where the route takes that. */
  @IsOptional()
  @IsString()
  checkpoint_id?: string | null

  /** Empty for the root graph, `node:<task id>` for a subgraph. */
  @IsOptional()
  @IsString()
  checkpoint_ns?: string | null

  @IsOptional()
  @IsJsonObject()
  checkpoint_map?: JsonObject | null
}
