import type { CheckpointRef } from '#graphs'
import { CheckpointDto, parseDto } from '#http'
import { requireUuid } from '#kernel'

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
