import { IsArray, IsBoolean, IsOptional, IsString } from 'class-validator'
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

  /** Fields of the answer, or `values.<key>`; all when absent. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  select?: string[] | null
}
