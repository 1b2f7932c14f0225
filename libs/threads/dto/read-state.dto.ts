import { IsBoolean, IsOptional, IsString } from 'class-validator'
import { IsJsonObject } from '#http'
import type { JsonObject } from '#kernel'

/** Body of `POST /threads/{thread_id}/state/checkpoint` (contract 4.9). */
export class ReadStateDto {
  /** Read as a `CheckpointDto`. */
  @IsJsonObject()
  checkpoint: JsonObject

  /** Fills in the states of subgraph tasks; default false. */
  @IsOptional()
  @IsBoolean()
  subgraphs?: boolean | null
}

/** Names a checkpoint. A `thread_id` in it is ignored in favour of the path. */
export class CheckpointDto {
  /** A UUID; the latest of the namespace when absent. */
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
