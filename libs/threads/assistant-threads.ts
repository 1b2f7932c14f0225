import { Injectable } from '@nestjs/common'
import type { Transaction } from '#database'
import type { JsonObject } from '#kernel'
import { AssistantThreadsRepository } from './assistant-threads.repository.js'
import { ThreadRemoval } from './thread-removal.js'
import { ThreadsRepository } from './threads.repository.js'

/** How many ids are read in one statement: a longer one would block the embedded database's process. */
const BATCH = 1000

/** The threads whose `metadata.assistant_id` names an assistant (contract 3.5). */
@Injectable()
export class AssistantThreads {
  constructor(
    private readonly ids: AssistantThreadsRepository,
    private readonly threads: ThreadsRepository,
    private readonly removal: ThreadRemoval,
  ) {}

  /**
   * Deletes all that are meant, one after the other in the order of their ids, which is the order in which they are
   * locked.
   */
  async removeAll(tx: Transaction, assistantId: string, isMeant: (metadata: JsonObject) => boolean): Promise<void> {
    for (let afterId: string | null = null; ;) {
      const batch: string[] = await this.ids.ids(tx, { assistantId, afterId, limit: BATCH })
      for (const threadId of batch) {
        const thread = await this.threads.lock(tx, threadId)
        if (thread && isMeant(thread.metadata)) await this.removal.remove(tx, threadId)
      }
      if (batch.length < BATCH) return
      afterId = batch.at(-1) ?? null
    }
  }
}
