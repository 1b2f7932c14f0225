/** A row of the saver's table `checkpoints`. */
export interface CheckpointRow {
  readonly namespace: string
  readonly id: string
  readonly parentId: string | null
  /** JSON text that PostgreSQL can store; without channel values. */
  readonly checkpointJson: string
  readonly metadataJson: string
}

/** A row of the saver's table `checkpoint_blobs`: one version of a channel's value; null bytes for an empty channel. */
export interface BlobRow {
  readonly namespace: string
  readonly channel: string
  readonly version: string
  readonly type: string
  readonly bytes: Uint8Array | null
}

/** A row of the saver's table `checkpoint_writes`. */
export interface WriteRow {
  readonly namespace: string
  readonly checkpointId: string
  readonly taskId: string
  readonly index: number
  readonly channel: string
  readonly type: string
  readonly bytes: Uint8Array
}

/** What a graph wrote and the database has not seen yet, as rows of the saver's tables. */
export interface StagedCheckpoints {
  readonly checkpoints: readonly CheckpointRow[]
  readonly blobs: readonly BlobRow[]
  readonly writes: readonly WriteRow[]
}
