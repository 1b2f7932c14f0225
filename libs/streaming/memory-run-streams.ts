import type { Clock, Timer } from '#kernel'
import { parseEventPosition } from './event-position.js'
import { modeFilter } from './mode-filter.js'
import { RunLog } from './run-log.js'
import { type FollowOptions, type OpenOptions, RunStreams, type StreamFrame } from './run-streams.js'
import { eventsGone, StreamClosed } from './streaming.errors.js'

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

/** Ids of a later attempt in a fresh process begin at a multiple of this, above whatever an earlier one gave. */
const IDS_PER_ATTEMPT = 1_000_000_000

/** Live events in the memory of this process. Bounded; a reader never sees a gap, it is ended instead. */
export class MemoryRunStreams extends RunStreams {
  readonly #logs = new Map<string, RunLog>()
  readonly #expiries = new Map<string, Timer>()
  #bytes = 0
  #closed = false

  constructor(
    private readonly clock: Clock,
    private readonly limits: StreamLimits,
  ) {
    super()
  }

  override open(runId: string, { replayable, attempt = 1 }: OpenOptions): void {
    const log = this.#logs.get(runId) ?? new RunLog(0, replayable)
    log.begin(attempt, (attempt - 1) * IDS_PER_ATTEMPT)
    if (!log.isEnded) this.#keep(runId)
    if (this.#closed) log.cut(new StreamClosed())
    this.#logs.set(runId, log)
  }

  override append(runId: string, event: string, json: string): void {
    const log = this.#logs.get(runId)
    if (!log) throw new Error(`the event log of run ${runId} was never opened`)
    if (log.isEnded) return
    const before = log.bytes
    log.append(event, json)
    log.trim(this.limits.framesPerRun, this.limits.bytesPerRun)
    this.#bytes += log.bytes - before
    if (this.#bytes > this.limits.bytesInAll) this.#shed(log)
  }

  override end(runId: string): void {
    const log = this.#logs.get(runId)
    if (!log || log.isEnded) return
    log.end()
    this.#expiries.set(
      runId,
      this.clock.after(this.limits.retentionMs, () => this.#forget(runId)),
    )
  }

  override has(runId: string): boolean {
    return this.#logs.has(runId)
  }

  override lastId(runId: string): string {
    const log = this.#logs.get(runId)
    return String((log?.nextSeq ?? 0) - 1)
  }

  override follow(runId: string, options: FollowOptions): AsyncIterable<StreamFrame> {
    const position = parseEventPosition(options.afterId)
    const log = this.#logs.get(runId) ?? endedLog()
    return log.read(startOf(log, position), modeFilter(options.modes), options.signal)
  }

  override closeAll(): void {
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
        if (log.isEnded && log.isReplayable === replayable) this.#forget(runId)
      }
    }
    if (this.#bytes <= this.limits.bytesInAll) return
    const before = growing.bytes
    growing.trim(Infinity, this.limits.bytesInAll / this.#logs.size)
    this.#bytes += growing.bytes - before
  }

  #forget(runId: string): void {
    this.#bytes -= this.#logs.get(runId)?.bytes ?? 0
    this.#logs.delete(runId)
    this.#keep(runId)
  }

  #keep(runId: string): void {
    this.#expiries.get(runId)?.cancel()
    this.#expiries.delete(runId)
  }
}

/** The first sequence number to read. An id that was not given yet means the live tail. */
function startOf(log: RunLog, position: ReturnType<typeof parseEventPosition>): number {
  if (position === 'tail') return log.nextSeq
  if (position === 'beginning') return log.firstSeq
  const next = Math.min(position.after + 1, log.nextSeq)
  if (next >= log.firstSeq) return next
  // The id is of an attempt in a process that is gone, and so are its events: this log has all there is.
  if (!log.hasDropped) return log.firstSeq
  throw eventsGone(String(position.after))
}

function endedLog(): RunLog {
  const log = new RunLog(0, false)
  log.end()
  return log
}
