import { LoggedRunStreams } from './logged-run-streams.js'
import type { AttachOptions, OpenOptions } from './run-streams.js'

/** Live events in the memory of this process, which is the only one. */
export class MemoryRunStreams extends LoggedRunStreams {
  override open(runId: string, { replayable, attempt = 1 }: OpenOptions): void {
    this.logs.open(runId, replayable, attempt)
  }

  override append(runId: string, event: string, json: string, attempt?: number): void {
    const log = this.logs.get(runId)
    if (!log) throw new Error(`the event log of run ${runId} was never opened`)
    if (log.isEnded || (attempt ?? log.attempt) < log.attempt) return
    this.logs.change(log, () => log.append(event, json))
  }

  override flushed(): Promise<void> {
    return Promise.resolve()
  }

  override leave(runId: string, attempt: number, errorJson: string | null = null): void {
    if ((this.logs.get(runId)?.attempt ?? attempt) <= attempt) this.end(runId, errorJson)
  }

  override handOver(): void {
    // The log is here, whoever goes on.
  }

  override end(runId: string, errorJson: string | null = null): void {
    if (errorJson !== null && this.has(runId)) this.append(runId, 'error', errorJson)
    this.logs.end(runId)
  }

  override abandon(runId: string, errorJson: string | null = null): void {
    this.end(runId, errorJson)
  }

  override attach(runId: string, { replayable, attempt }: AttachOptions): Promise<void> {
    if (attempt !== null) this.open(runId, { replayable, attempt })
    return Promise.resolve()
  }
}
