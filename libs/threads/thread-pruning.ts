import { Injectable } from '@nestjs/common'
import { Authorization, isVisible, type Visibility } from '#auth'
import type { ThreadTtl } from '#config'
import { Database, UnitOfWork } from '#database'
import { ThreadTrimming } from './thread-trimming.js'
import { someThreadNotFound } from './threads.errors.js'
import { ThreadsRepository } from './threads.repository.js'

/** Prunes threads for a caller (contract 4.8). */
@Injectable()
export class ThreadPruning {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly trimming: ThreadTrimming,
    private readonly authorization: Authorization,
  ) {}

  /**
   * Prunes each thread in a transaction of its own; returns how many there were. Unknown ids are passed over.
   * @throws AppError `some_thread_not_found`, and nothing is pruned, when the caller may not see all of them.
   */
  async prune(threadIds: readonly string[], strategy: ThreadTtl['strategy']): Promise<number> {
    const meant = await this.#visible([...new Set(threadIds)])
    let pruned = 0
    for (const [threadId, visibility] of meant) {
      const isPruned = await this.unitOfWork.run(async (tx) => {
        const thread = await this.threads.lock(tx, threadId)
        if (thread === null || !isVisible(visibility, thread.metadata)) return false
        return this.trimming.trim(tx, thread, strategy)
      })
      if (isPruned) pruned += 1
    }
    return pruned
  }

  /** Whether a thread is not there or is somebody else's cannot be told from the answer. */
  async #visible(threadIds: readonly string[]): Promise<Map<string, Visibility>> {
    const asked = new Map<string, Visibility>()
    for (const threadId of threadIds) {
      const visibility = await this.authorization.ask('threads:delete', { thread_id: threadId })
      const isHidden = visibility !== null && !(await this.threads.shows(this.database, threadId, visibility))
      if (isHidden) throw someThreadNotFound()
      asked.set(threadId, visibility)
    }
    return asked
  }
}
