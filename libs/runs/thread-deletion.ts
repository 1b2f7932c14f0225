import { Injectable, type OnModuleInit } from '@nestjs/common'
import type { Transaction } from '#database'
import { EventBus } from '#events'
import { ThreadsRepository } from '#threads'
import { RunLifecycle } from './run-lifecycle.js'
import { RunsRepository } from './runs.repository.js'

/**
 * Ends the active runs of a thread that is being deleted, in the same transaction, which holds the thread's lock: each
 * sends its webhook.
 */
@Injectable()
export class ThreadDeletion implements OnModuleInit {
  constructor(
    private readonly bus: EventBus,
    private readonly threads: ThreadsRepository,
    private readonly runs: RunsRepository,
    private readonly lifecycle: RunLifecycle,
  ) {}

  onModuleInit(): void {
    this.bus.inTransaction('thread.deleted', 'runs.thread-deletion', (tx, { threadId }) => this.#endAll(tx, threadId))
  }

  async #endAll(tx: Transaction, threadId: string): Promise<void> {
    const thread = await this.threads.find(tx, threadId)
    if (!thread) return
    for (const run of await this.runs.inFlight(tx, threadId)) await this.lifecycle.endWithThread(tx, thread, run)
  }
}
