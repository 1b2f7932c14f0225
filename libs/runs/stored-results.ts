import { Injectable } from '@nestjs/common'
import { isAlone, Settings } from '#config'
import { Database } from '#database'
import { ThreadsRepository } from '#threads'
import { EMPTY_RESULT, errorResult, threadResult } from './run-result.js'
import { RunResultsRepository } from './run-results.repository.js'
import type { GoneRun } from './run.js'
import { RunsRepository } from './runs.repository.js'

/** Works the answers of `wait` and `join` out from the tables. */
@Injectable()
export class StoredResults {
  constructor(
    private readonly settings: Settings,
    private readonly database: Database,
    private readonly runs: RunsRepository,
    private readonly threads: ThreadsRepository,
    private readonly results: RunResultsRepository,
  ) {}

  /** The answer as JSON text; null while the run is under way, 'gone' when there is nothing of it. */
  async read(threadId: string, runId: string): Promise<{ readonly json: string } | 'gone' | null> {
    const run = await this.runs.find(this.database, threadId, runId)
    if (run?.status === 'pending' || run?.status === 'running') return null
    const stored = await this.#stored(runId)
    if (stored) return { json: stored.result }
    if (run === null) return 'gone'
    if (run.error) return { json: errorResult(run.error) }
    const thread = await this.threads.find(this.database, threadId)
    return { json: thread ? threadResult(thread) : EMPTY_RESULT }
  }

  /** The place of a stateless run that another process has executed, while its answer is kept. */
  async goneRun(runId: string): Promise<GoneRun | null> {
    const stored = await this.#stored(runId)
    return stored?.temporary ? stored : null
  }

  /** Answers are kept where there may be several processes. */
  #stored(runId: string): ReturnType<RunResultsRepository['find']> {
    return isAlone(this.settings) ? Promise.resolve(null) : this.results.find(this.database, runId)
  }
}
