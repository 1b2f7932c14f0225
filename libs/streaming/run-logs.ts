import type { Clock, Timer } from '#kernel'
import { RunLog } from './run-log.js'
import { StreamClosed } from './streaming.errors.js'

/** What may be kept at most. */
export interface StreamLimits {
  /** How long a finished run's events stay, in ms. */
  readonly retentionMs: number
  /** Of one run: beyond either, its oldest events are dropped. */
  readonly framesPerRun: number
  readonly bytesPerRun: number
  /** Of all runs: beyond it finished runs are forgotten, then the run that grows is cut to its share. */
  readonly bytesInAll: number
}

/** The limits besides the configured retention. */
export const DEFAULT_LIMITS = { framesPerRun: 100_000, bytesPerRun: 64 * 2 ** 20, bytesInAll: 512 * 2 ** 20 } as const

/** The logs of runs in the memory of this process. Bounded; a reader never sees a gap, it is ended instead. */
export class RunLogs {
  readonly #logs = new Map<string, RunLog>()
  readonly #expiries = new Map<string, Timer>()
  #bytes = 0
  #closed = false

  constructor(
    private readonly clock: Clock,
    private readonly limits: StreamLimits,
  ) {}

  get(runId: string): RunLog | undefined {
    return this.#logs.get(runId)
  }

  /** All of them, in the order of their making. */
  get all(): ReadonlyMap<string, RunLog> {
    return this.#logs
  }

  /** The log of a run, made where there is none, ready for this attempt. */
  open(runId: string, replayable: boolean, attempt: number): RunLog {
    const log = this.#logs.get(runId) ?? new RunLog(replayable)
    log.begin(attempt)
    if (!log.isEnded) this.#keep(runId)
    if (this.#closed) log.cut(new StreamClosed())
    this.#logs.set(runId, log)
    return log
  }

  /** Lets `write` change a log, and sees to it that the limits hold afterwards. */
  change(log: RunLog, write: () => void): void {
    const before = log.bytes
    write()
    log.trim(this.limits.framesPerRun, this.limits.bytesPerRun)
    this.#bytes += log.bytes - before
    if (this.#bytes > this.limits.bytesInAll) this.#shed(log)
  }

  /** Ends a log, which stays for the retention time. */
  end(runId: string): void {
    const log = this.#logs.get(runId)
    if (!log || log.isEnded) return
    log.end()
    this.#keep(runId)
    this.#expiries.set(
      runId,
      this.clock.after(this.limits.retentionMs, () => this.forget(runId)),
    )
  }

  forget(runId: string): void {
    this.#bytes -= this.#logs.get(runId)?.bytes ?? 0
    this.#logs.delete(runId)
    this.#keep(runId)
  }

  /** Ends every reader with `StreamClosed`, now and from now on. */
  closeAll(): void {
    this.#closed = true
    for (const log of this.#logs.values()) log.cut(new StreamClosed())
    for (const timer of this.#expiries.values()) timer.cancel()
    this.#expiries.clear()
  }

  /** Finished runs go first, oldest first, those that nobody asked to replay before the others. */
  #shed(growing: RunLog): void {
    for (const replayable of [false, true]) {
      for (const [runId, log] of this.#logs) {
        if (this.#bytes <= this.limits.bytesInAll) return
        if (log.isEnded && log.isReplayable === replayable) this.forget(runId)
      }
    }
    if (this.#bytes <= this.limits.bytesInAll) return
    const before = growing.bytes
    growing.trim(Infinity, this.limits.bytesInAll / this.#logs.size)
    this.#bytes += growing.bytes - before
  }

  #keep(runId: string): void {
    this.#expiries.get(runId)?.cancel()
    this.#expiries.delete(runId)
  }
}
