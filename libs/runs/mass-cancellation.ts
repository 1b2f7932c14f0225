import { Injectable } from '@nestjs/common'
import { Authorization, isVisible, type Visibility } from '#auth'
import { UnitOfWork } from '#database'
import { Clock } from '#kernel'
import { ThreadsRepository } from '#threads'
import { type ActiveRun, ActiveRunsRepository } from './active-runs.repository.js'
import type { ActiveStatus, CancelTarget } from './dto/cancel-runs.dto.js'
import { RunCancellation } from './run-cancellation.js'
import type { CancelAction } from './run.js'
import { noRunsToCancel } from './run.errors.js'

/** Runs looked at in one statement, and cancelled in one transaction, at most. */
const PAGE = 100

/** What is to become of the runs, and on which threads it may. */
interface Wish {
  readonly action: CancelAction
  readonly visibility: Visibility
}

/**
 * Cancels many runs (contract 5.12), page by page: each transaction holds one thread, so that locks are taken in the
 * order thread, run and none is held for long. Runs that are created meanwhile are left alone.
 */
@Injectable()
export class MassCancellation {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly active: ActiveRunsRepository,
    private readonly cancellation: RunCancellation,
    private readonly authorization: Authorization,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError `no_runs_to_cancel` when none of them was pending or running. */
  async cancel(target: CancelTarget, action: CancelAction): Promise<void> {
    const where = 'statuses' in target ? {} : { thread_id: target.threadId }
    const visibility = await this.authorization.ask('threads:update', { ...where, action, metadata: {} })
    const wish = { action, visibility }
    const cancelled =
      'statuses' in target
        ? await this.#cancelByStatus(target.statuses, wish)
        : await this.#cancelOnThread(target.threadId, [...new Set(target.runIds)], wish)
    if (cancelled === 0) throw noRunsToCancel()
  }

  /** Pending runs first, so that the end of a running one does not start one that is to be cancelled. */
  async #cancelByStatus(statuses: readonly ActiveStatus[], wish: Wish): Promise<number> {
    const before = this.clock.now()
    let cancelled = 0
    for (const status of statuses) {
      for (let after: ActiveRun | null = null; ;) {
        const page: ActiveRun[] = await this.unitOfWork.run((tx) =>
          this.active.page(tx, status, { before, after, limit: PAGE, visibility: wish.visibility }),
        )
        for (const [threadId, runIds] of byThread(page)) cancelled += await this.#cancelOnThread(threadId, runIds, wish)
        if (page.length < PAGE) break
        after = page.at(-1) ?? null
      }
    }
    return cancelled
  }

  async #cancelOnThread(threadId: string, runIds: readonly string[], wish: Wish): Promise<number> {
    let cancelled = 0
    for (let start = 0; start < runIds.length; start += PAGE) {
      cancelled += await this.#cancelPage(threadId, runIds.slice(start, start + PAGE), wish)
    }
    return cancelled
  }

  #cancelPage(threadId: string, runIds: readonly string[], { action, visibility }: Wish): Promise<number> {
    return this.unitOfWork.run(async (tx) => {
      const thread = await this.threads.lock(tx, threadId)
      if (!thread || !isVisible(visibility, thread.metadata)) return 0
      const runs = await this.active.among(tx, threadId, runIds)
      for (const run of runs) await this.cancellation.cancelLocked(tx, thread, run, action)
      return runs.length
    })
  }
}

function byThread(runs: readonly ActiveRun[]): Map<string, string[]> {
  const threads = new Map<string, string[]>()
  for (const { runId, threadId } of runs) threads.set(threadId, [...(threads.get(threadId) ?? []), runId])
  return threads
}
