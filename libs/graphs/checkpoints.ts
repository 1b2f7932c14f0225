import type { BaseCheckpointSaver } from '@langchain/langgraph'
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres'
import { Injectable } from '@nestjs/common'
import { DatabasePool, type Queryable } from '#database'
import { setUpCheckpoints } from './checkpoint-setup.js'
import { CHECKPOINT_SCHEMA, deleteRunCheckpoints, deleteThreadCheckpoints } from './checkpoints.repository.js'
import { StateSerializer } from './state-serializer.js'

/** The checkpoints of all threads: LangGraph's own PostgreSQL saver on the process's one pool, in its own schema. */
@Injectable()
export class Checkpoints {
  readonly #saver: PostgresSaver

  constructor(private readonly database: DatabasePool) {
    this.#saver = new PostgresSaver(database.pool, new StateSerializer(), { schema: CHECKPOINT_SCHEMA })
  }

  /** What graphs write to. It takes a connection of the pool: never call it inside a transaction. */
  get saver(): BaseCheckpointSaver {
    return this.#saver
  }

  /** Brings the saver's tables up to date; called once at start, after the migrations and under their lock. */
  async setup(): Promise<void> {
    await setUpCheckpoints(this.database.pool)
  }

  /** Deletes the checkpoints of a thread, inside the caller's transaction. */
  async deleteThread(q: Queryable, threadId: string): Promise<void> {
    await deleteThreadCheckpoints(q, threadId)
  }

  /** Deletes every checkpoint that the run wrote (contract 5.5, rollback), inside the caller's transaction. */
  async deleteRun(q: Queryable, threadId: string, runId: string): Promise<void> {
    await deleteRunCheckpoints(q, threadId, runId)
  }
}
