import { Injectable } from '@nestjs/common'
import { Clock } from '#kernel'
import { RunResults } from './run-results.js'
import { ThreadRefresh } from './thread-refresh.js'

/** How long the answer waits for a running run to stop, in ms. The wish is stored: it is deleted then or later. */
const STOP_DEADLINE_MS = 30_000

/** What a deletion waits for once it is stored. */
@Injectable()
export class AfterDeletion {
  constructor(
    private readonly results: RunResults,
    private readonly threadRefresh: ThreadRefresh,
    private readonly clock: Clock,
  ) {}

  /** Resolves once the run has stopped, or when the deadline passes. */
  async stopped(threadId: string, runId: string): Promise<void> {
    const late = new AbortController()
    const deadline = this.clock.after(STOP_DEADLINE_MS, () => late.abort())
    await this.results.waitFor({ threadId, runId }, late.signal).finally(() => deadline.cancel())
  }

  /** Lets the thread's row say what its state is now. */
  async refresh(threadId: string): Promise<void> {
    await this.threadRefresh.refresh(threadId)
  }
}
