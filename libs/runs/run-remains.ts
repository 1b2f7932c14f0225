import { Injectable } from '@nestjs/common'
import { UnitOfWork } from '#database'
import { Checkpoints } from '#graphs'
import { ThreadsRepository } from '#threads'
import type { RunStop } from './run-stop.js'
import type { Run } from './run.js'

/** What the graph of a run has written after its thread was deleted. */
@Injectable()
export class RunRemains {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly checkpoints: Checkpoints,
  ) {}

  /**
   * Deletes it, once the graph is put away. The thread may be another of the same id by now, which keeps what is its own.
   * A run that went without its thread, with its assistant for example, leaves what it has checkpointed.
   */
  async clear({ runId, threadId }: Pick<Run, 'runId' | 'threadId'>, { isThreadDeleted }: RunStop): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const thread = await this.threads.lock(tx, threadId)
      if (thread === null) await this.checkpoints.deleteThread(tx, threadId)
      else if (isThreadDeleted) await this.checkpoints.deleteRun(tx, threadId, runId)
    })
  }
}
