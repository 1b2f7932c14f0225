import type { Pool } from 'pg'
import { writeIndex } from './write-index.js'
import { NOTE_WRITES } from './write-journal.repository.js'

/** Pending writes that a run is about to store on a checkpoint. */
export interface WritesPlace {
  readonly runId: string
  readonly threadId: string
  readonly namespace: string
  readonly checkpointId: string
  readonly taskId: string
  /** The channels that are written, in the order of the writes. */
  readonly channels: readonly string[]
}

/**
 * Notes what stood in the place of pending writes before a run that goes on from an interrupt stores its own there, so
 * that undoing the run can put it back.
 */
export interface WriteJournal {
  /** Resolves once it is stored; what the run noted before of the same place stays. @throws when the run is gone. */
  note(place: WritesPlace): Promise<void>
}

/** The journal in the table `checkpoint_write_journal`. Takes a connection of the pool: not inside a transaction. */
export class DatabaseWriteJournal implements WriteJournal {
  constructor(private readonly pool: Pool) {}

  async note({ runId, threadId, namespace, checkpointId, taskId, channels }: WritesPlace): Promise<void> {
    const indexes = new Set(channels.map(writeIndex))
    await this.pool.query(NOTE_WRITES, [runId, threadId, namespace, checkpointId, taskId, [...indexes]])
  }
}
