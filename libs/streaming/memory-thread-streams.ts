import type { Timer } from '#kernel'
import { LoggedThreadStreams } from './logged-thread-streams.js'
import { type ThreadFact, ThreadLog } from './thread-log.js'

/** Streams of threads in the memory of this process, which is the only one. Marks are times in ms. */
export class MemoryThreadStreams extends LoggedThreadStreams {
  #sweep: Timer | null = null

  override runStarted(threadId: string, runId: string): void {
    const log = this.logOf(threadId)
    if (log.liveRun?.runId !== runId) this.#happened(log, { kind: 'run', runId })
  }

  override runEnded(threadId: string, runId: string): void {
    const log = this.logs.get(threadId)
    if (log) this.#happened(log, { kind: 'run_done', runId })
  }

  override stateUpdated(threadId: string, checkpointId: string | null): void {
    this.#happened(this.logOf(threadId), { kind: 'state', checkpointId })
  }

  override end(threadId: string): void {
    this.logs.get(threadId)?.end()
    this.logs.delete(threadId)
  }

  override attach(): Promise<void> {
    return Promise.resolve()
  }

  override onModuleDestroy(): void {
    super.onModuleDestroy()
    this.#sweep?.cancel()
  }

  protected override newLog(): ThreadLog {
    return new ThreadLog(this.nowMs() - 1)
  }

  protected override logOf(threadId: string): ThreadLog {
    this.#sweepLater()
    return super.logOf(threadId)
  }

  #happened(log: ThreadLog, fact: ThreadFact): void {
    this.add(log, { mark: Math.max(this.nowMs(), log.lastMark + 1), fact })
  }

  #sweepLater(): void {
    if (this.isClosed) return
    this.#sweep ??= this.ground.clock.after(this.ground.limits.retentionMs, () => {
      this.#sweep = null
      this.#forgetOld()
      if (this.logs.size > 0) this.#sweepLater()
    })
  }

  #forgetOld(): void {
    const oldest = this.nowMs() - this.ground.limits.retentionMs
    for (const [threadId, log] of this.logs) {
      if (log.readers === 0 && !log.liveRun && log.lastMark <= oldest) this.logs.delete(threadId)
    }
  }
}
