import { Injectable, type OnModuleInit } from '@nestjs/common'
import type { Transaction } from '#database'
import { EventBus, type EventCatalogue } from '#events'
import { AssistantThreads } from '#threads'
import { AssistantRunEnding } from './assistant-run-ending.js'
import { AssistantRunsRepository } from './assistant-runs.repository.js'

/** Runs deleted in one statement: more would block the embedded database's process. */
const BATCH = 500

/**
 * Removes what hangs on an assistant that is being deleted, in the same transaction, which holds the assistant's lock:
 * no new run can come. Ended runs go last, since of them only the rows are locked: locks are taken in the order
 * assistant, thread, run.
 */
@Injectable()
export class AssistantDeletion implements OnModuleInit {
  constructor(
    private readonly bus: EventBus,
    private readonly threads: AssistantThreads,
    private readonly ending: AssistantRunEnding,
    private readonly runs: AssistantRunsRepository,
  ) {}

  onModuleInit(): void {
    this.bus.inTransaction('assistant.deleted', 'runs.assistant-deletion', (tx, event) => this.#clear(tx, event))
  }

  async #clear(tx: Transaction, { assistantId, deletesThread }: EventCatalogue['assistant.deleted']): Promise<void> {
    if (deletesThread !== null) await this.threads.removeAll(tx, assistantId, deletesThread)
    await this.ending.endAll(tx, assistantId)
    for (let afterId: string | null = null; ;) {
      const deleted: string[] = await this.runs.deleteSome(tx, assistantId, afterId, BATCH)
      if (deleted.length < BATCH) return
      afterId = deleted.at(-1) ?? null
    }
  }
}
