import type { Clock } from '#kernel'
import { followLog } from './follow-log.js'
import { RunLogs, type StreamLimits } from './run-logs.js'
import { type FollowOptions, RunStreams, type StreamFrame } from './run-streams.js'

/** Reading runs from logs in the memory of this process, wherever their events come from. */
export abstract class LoggedRunStreams extends RunStreams {
  protected readonly logs: RunLogs

  constructor(clock: Clock, limits: StreamLimits) {
    super()
    this.logs = new RunLogs(clock, limits)
  }

  override has(runId: string): boolean {
    return this.logs.get(runId) !== undefined
  }

  override lastId(runId: string): string {
    return String((this.logs.get(runId)?.nextSeq ?? 0) - 1)
  }

  override follow(runId: string, options: FollowOptions): AsyncIterable<StreamFrame> {
    return followLog(this.logs.get(runId), options, this.isWhole(runId))
  }

  override closeAll(): void {
    this.logs.closeAll()
  }

  /** Whether the log of a run holds what was said of it until now. */
  protected isWhole(_runId: string): boolean {
    return true
  }
}
