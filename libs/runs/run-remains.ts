import { Injectable } from '@nestjs/common'
import { UnitOfWork } from '#database'
import { Checkpoints } from '#graphs'
import { ThreadsRepository } from '#threads'
import type { Run } from './run.js'
import { RunsRepository } from './runs.repository.js'

/** What the graph of a run has written after the run was deleted, alone or with its thread. */
@Injectable()
export class RunRemains {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly runs: RunsRepository,
    private readonly checkpoints: Checkpoints,
  ) {}

  /** Deletes it, once the graph is put away. The thread may be another of the same id by now; a run that is there keeps all. */
  async clear({ runId, threadId }: Pick<Run, 'runId' | 'threadId'>): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      if ((await this.runs.findById(tx, runId)) !== null) return
      const thread = await this.threads.lock(tx, threadId)
      if (thread === null) await this.checkpoints.deleteThread(tx, threadId)
      else await this.checkpoints.deleteRun(tx, threadId, runId)
    })
  }
}
