import { IsOptional, IsString } from 'class-validator'
import type { CheckpointRef } from '#graphs'
import { IsJsonObject, parseDto } from '#http'
import { type JsonObject, requireUuid } from '#kernel'

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

/**
 * Reads `checkpoint` of a body; `checkpointId` is for one without an id of its own.
 * @throws AppError `invalid_request`, `invalid_id`.
 */
export function toCheckpointRef(checkpoint: unknown, checkpointId?: string | null): CheckpointRef {
  const { checkpoint_id, checkpoint_ns, checkpoint_map } = parseDto(CheckpointDto, checkpoint, 'checkpoint')
  const id = checkpoint_id || checkpointId
  return {
    checkpointId: id ? requireUuid('checkpoint', id) : undefined,
    checkpointNs: checkpoint_ns ?? undefined,
    checkpointMap: checkpoint_map,
  }
}
