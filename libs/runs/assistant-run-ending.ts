import { Injectable } from '@nestjs/common'
import type { Transaction } from '#database'
import { EventBus } from '#events'
import { type Thread, ThreadsRepository } from '#threads'
import { AssistantRunsRepository } from './assistant-runs.repository.js'
import { RunLifecycle } from './run-lifecycle.js'
import type { Run } from './run.js'
import { RunsRepository } from './runs.repository.js'

/** Threads looked for in one statement. */
const BATCH = 500

/** Ends the active runs of an assistant that is being deleted: each as interrupted, with its webhook, and its row goes. */
@Injectable()
export class AssistantRunEnding {
  constructor(
    private readonly bus: EventBus,
    private readonly threads: ThreadsRepository,
    private readonly runs: RunsRepository,
    private readonly assistantRuns: AssistantRunsRepository,
    private readonly lifecycle: RunLifecycle,
  ) {}

  /** The caller holds the assistant's lock, so that no run is added meanwhile. */
  async endAll(tx: Transaction, assistantId: string): Promise<void> {
    for (;;) {
      const threadIds = await this.assistantRuns.activeThreads(tx, assistantId, BATCH)
      for (const threadId of threadIds) await this.#endOnThread(tx, assistantId, threadId)
      if (threadIds.length < BATCH) return
    }
  }

  async #endOnThread(tx: Transaction, assistantId: string, threadId: string): Promise<void> {
    await this.threads.lock(tx, threadId)
    const thread = await this.threads.find(tx, threadId)
    if (!thread) return
    for (const run of await this.assistantRuns.lockActive(tx, assistantId, threadId)) await this.#end(tx, thread, run)
    await this.lifecycle.settleWithoutRuns(tx, thread)
  }

  async #end(tx: Transaction, thread: Thread, run: Run): Promise<void> {
    await this.lifecycle.endWithThread(tx, thread, run)
    if (run.temporary) this.threads.delete(tx, run.threadId)
    else this.runs.delete(tx, run.runId)
    // Stops the graph in whatever process runs it. The row is gone, so nothing that it still brings counts.
    await this.bus.publish(tx, 'run.cancelRequested', { runId: run.runId, threadId: run.threadId })
  }
}
