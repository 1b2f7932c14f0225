import type { WireCheckpoint } from '#graphs'

/** A checkpoint's address without the map that it does not have. */
export type CheckpointAddress = Omit<WireCheckpoint, 'checkpoint_map'> & Partial<WireCheckpoint>

/** The answer to an update (contract 4.9): the JS types read `configurable`, Python reads `checkpoint`. */
export interface UpdateAnswer {
  readonly checkpoint: CheckpointAddress
  readonly configurable: CheckpointAddress
  readonly checkpoint_id: string
}

/** The answer for the checkpoint that an update made. */
export function toUpdateAnswer({ checkpoint_map, ...address }: WireCheckpoint): UpdateAnswer {
  const checkpoint = checkpoint_map === null ? address : { ...address, checkpoint_map }
  return { checkpoint, configurable: checkpoint, checkpoint_id: checkpoint.checkpoint_id }
}
