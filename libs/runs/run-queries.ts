import { Injectable } from '@nestjs/common'
import { Database } from '#database'
import type { AppError } from '#kernel'
import { threadNotFound, ThreadsRepository } from '#threads'
import { RunAccess } from './run-access.js'
import { runNotFound } from './run.errors.js'
import { RunResults } from './run-results.js'
import type { CancelAction, GoneRun, Run } from './run.js'
import { type RunListQuery, RunsRepository } from './runs.repository.js'

/** Reads runs. */
@Injectable()
export class RunQueries {
  constructor(
    private readonly database: Database,
    private readonly threads: ThreadsRepository,
    private readonly runs: RunsRepository,
    private readonly results: RunResults,
    private readonly access: RunAccess,
  ) {}

  /** @throws AppError `run_not_found`, also for a run of another thread. */
  async get(threadId: string, runId: string): Promise<Run> {
    await this.access.require('threads:read', threadId, runNotFound)
    return this.#find(threadId, runId)
  }

  /** The same for a caller who wants to cancel it. @throws AppError `run_not_found`. */
  async getToCancel(threadId: string, runId: string, action: CancelAction): Promise<Run> {
    await this.#requireCancel(threadId, action)
    return this.#find(threadId, runId)
  }

  /** Asks whether a run that was found may be interrupted; of one that has ended nothing. @throws AppError `run_not_found`. */
  async requireCancellable({ threadId, status }: Run): Promise<void> {
    if (status === 'pending' || status === 'running') await this.#requireCancel(threadId, 'interrupt')
  }

  /** The same for a caller who wants to delete it. @throws AppError `run_not_found`. */
  async getToDelete(threadId: string, runId: string): Promise<Run> {
    await this.access.require('threads:delete', threadId, runNotFound, { run_id: runId })
    return this.#find(threadId, runId)
  }

  /**
   * What `join` and stream attach to: a run, or a stateless one that has just ended and whose rows are gone. With
   * `threadId` null the run is found by its id alone. A run on somebody else's thread is answered as one on no thread.
   * @throws AppError `thread_not_found`, `run_not_found`.
   */
  async locate(threadId: string | null, runId: string): Promise<Run | GoneRun> {
    const run = await this.runs.findById(this.database, runId)
    const place = run ?? (await this.results.goneRun(runId))
    if (place && (threadId === null || place.threadId === threadId)) {
      await this.#requirePlace(place, threadId === null ? runNotFound : () => threadNotFound(threadId))
      return place
    }
    if (threadId !== null) await this.#requireThread(threadId)
    throw runNotFound()
  }

  async #requirePlace(place: Run | GoneRun, notFound: () => AppError): Promise<void> {
    if ('threadMetadata' in place) return this.access.requireGone(place, notFound)
    try {
      await this.access.require('threads:read', place.threadId, notFound)
    } catch (error) {
      // A stateless run may have ended, and its thread with it, since it was found.
      const gone = await this.results.goneRun(place.runId)
      if (gone === null) throw error
      await this.access.requireGone(gone, notFound)
    }
  }

  /** A page of a thread's runs, newest first. @throws AppError `thread_not_found`. */
  async list(query: RunListQuery): Promise<Run[]> {
    await this.#requireThread(query.threadId)
    return this.runs.list(this.database, query)
  }

  #requireCancel(threadId: string, action: CancelAction): Promise<void> {
    return this.access.require('threads:update', threadId, runNotFound, { action, metadata: {} })
  }

  async #find(threadId: string, runId: string): Promise<Run> {
    const run = await this.runs.find(this.database, threadId, runId)
    if (!run) throw runNotFound()
    return run
  }

  async #requireThread(threadId: string): Promise<void> {
    await this.access.require('threads:read', threadId, () => threadNotFound(threadId))
    if (!(await this.threads.find(this.database, threadId))) throw threadNotFound(threadId)
  }
}
