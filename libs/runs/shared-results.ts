import { Injectable, type OnModuleInit } from '@nestjs/common'
import { isAlone, Settings } from '#config'
import type { Transaction } from '#database'
import { EventBus, type RunFinished } from '#events'
import { Clock } from '#kernel'
import { RunResults } from './run-results.js'
import { RunResultsRepository } from './run-results.repository.js'

/** Keeps the answers of runs for the other processes, with the run's end in one transaction; nothing where there are none. */
@Injectable()
export class SharedResults implements OnModuleInit {
  constructor(
    private readonly settings: Settings,
    private readonly bus: EventBus,
    private readonly repository: RunResultsRepository,
    private readonly results: RunResults,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    if (isAlone(this.settings)) return
    this.bus.inTransaction('run.finished', 'runs.shared-results', (tx, event) => this.#keep(tx, event))
  }

  async #keep(tx: Transaction, event: RunFinished): Promise<void> {
    const { run, threadMetadata } = event
    const expiresAt = new Date(this.clock.now().getTime() + this.settings.runs.eventRetentionMs)
    const place = { runId: run.run_id, threadId: run.thread_id, threadMetadata }
    const temporary = run.kwargs['temporary'] === true
    this.repository.insert(tx, { ...place, temporary, result: this.results.answerTo(event) }, expiresAt)
  }
}
