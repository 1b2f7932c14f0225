import type { OnModuleDestroy } from '@nestjs/common'
import { AppError, type Clock, type Timer } from '#kernel'
import type { RunStreams, StreamFrame } from './run-streams.js'
import { StreamClosed, tooManyReaders } from './streaming.errors.js'
import { ThreadLog, type ThreadMark } from './thread-log.js'
import { AFTER_ALL, formatThreadId, parseThreadId, type ThreadPosition } from './thread-position.js'
import { type ThreadFollowOptions, ThreadStreams } from './thread-streams.js'

/** What may be kept of threads at most. */
export interface ThreadStreamLimits {
  /** How long a fact stays after it happened, in ms: as long as the events of a run after its end. */
  readonly retentionMs: number
  readonly factsPerThread: number
  readonly readersPerThread: number
}

/** The limits besides the configured retention. */
export const DEFAULT_THREAD_LIMITS = { factsPerThread: 10_000, readersPerThread: 1_000 } as const

/** A run that another fact follows although nobody ended it is given this long, in ms: one run at once has a thread. */
const LATE_END_MS = 5_000

/**
 * Streams of threads in the memory of this process. A run costs one small object here; its events are read from
 * `RunStreams` when somebody asks for them.
 */
export class MemoryThreadStreams extends ThreadStreams implements OnModuleDestroy {
  readonly #logs = new Map<string, ThreadLog>()
  readonly #lateEnds = new Set<Timer>()
  #sweep: Timer | null = null
  #closed = false

  constructor(
    private readonly clock: Clock,
    private readonly limits: ThreadStreamLimits,
    private readonly runs: RunStreams,
  ) {
    super()
  }

  override runStarted(threadId: string, runId: string): void {
    const log = this.#log(threadId)
    if (log.liveRun?.runId === runId) return
    this.#endLate(log)
    const { mark } = this.#push(log, { kind: 'run', runId })
    log.liveRun = { mark, runId }
  }

  override runEnded(threadId: string, runId: string): void {
    const log = this.#logs.get(threadId)
    if (!log) return
    if (log.liveRun?.runId === runId) log.liveRun = null
    this.#push(log, { kind: 'run_done', json: JSON.stringify({ status: 'run_done', run_id: runId }) })
  }

  override stateUpdated(threadId: string, checkpointId: string | null): void {
    const log = this.#log(threadId)
    this.#endLate(log)
    this.#push(log, { kind: 'state', json: JSON.stringify({ checkpoint_id: checkpointId }) })
  }

  override end(threadId: string): void {
    this.#logs.get(threadId)?.end()
    this.#logs.delete(threadId)
  }

  override followed(): readonly string[] {
    return [...this.#logs].filter(([, log]) => log.readers > 0).map(([threadId]) => threadId)
  }

  override lastId(threadId: string): string {
    const log = this.#logs.get(threadId)
    const live = log?.liveRun
    if (!live) return formatThreadId(log?.lastMark ?? this.#now() - 1, AFTER_ALL)
    const seq = this.runs.lastId(live.runId)
    return seq === '-1' ? formatThreadId(live.mark - 1, AFTER_ALL) : formatThreadId(live.mark, seq)
  }

  override follow(threadId: string, options: ThreadFollowOptions): AsyncIterable<StreamFrame> {
    const position = parseThreadId(options.afterId)
    const log = this.#log(threadId)
    if (log.readers >= this.limits.readersPerThread) throw tooManyReaders(this.limits.readersPerThread)
    log.readers += 1
    options.signal.addEventListener('abort', () => this.#leave(threadId, log), { once: true })
    return this.#frames(log.read(position.mark, options.signal), position, options)
  }

  onModuleDestroy(): void {
    this.#closed = true
    this.#sweep?.cancel()
    for (const timer of this.#lateEnds) timer.cancel()
    for (const log of this.#logs.values()) log.end()
  }

  #leave(threadId: string, log: ThreadLog): void {
    log.readers -= 1
    if (log.readers === 0 && log.isEmpty && this.#logs.get(threadId) === log) this.#logs.delete(threadId)
  }

  async *#frames(
    marks: AsyncIterable<ThreadMark>,
    position: ThreadPosition,
    options: ThreadFollowOptions,
  ): AsyncGenerator<StreamFrame> {
    for await (const mark of marks) {
      if (this.#closed) throw new StreamClosed()
      const { fact } = mark
      if (fact.kind === 'run') yield* this.#framesOf(mark, fact.runId, position, options)
      else if (mark.mark > position.mark && isWanted(fact.kind, options)) {
        const event = fact.kind === 'state' ? 'state_update' : 'metadata'
        yield { id: formatThreadId(mark.mark, 0), event, json: fact.json }
      }
    }
  }

  /** The run's events after the position; its start alone for a reader of `lifecycle`. */
  async *#framesOf(
    { mark }: ThreadMark,
    runId: string,
    position: ThreadPosition,
    { modes, signal }: ThreadFollowOptions,
  ): AsyncGenerator<StreamFrame> {
    const wantsAll = modes.has('run_modes')
    if (!wantsAll && !modes.has('lifecycle')) return
    const afterId = mark === position.mark ? String(position.seq) : '-1'
    const runModes = wantsAll ? null : []
    for await (const frame of this.#followRun(runId, { afterId, modes: runModes, signal })) {
      if (wantsAll || frame.event === 'metadata') yield { ...frame, id: formatThreadId(mark, frame.id) }
    }
  }

  /** Where events were dropped to keep the limits, the reader gets what there is. */
  #followRun(runId: string, options: Parameters<RunStreams['follow']>[1]): AsyncIterable<StreamFrame> {
    try {
      return this.runs.follow(runId, options)
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'events_gone')) throw error
      return this.runs.follow(runId, { ...options, afterId: '-1' })
    }
  }

  #push(log: ThreadLog, fact: ThreadMark['fact']): ThreadMark {
    const now = this.#now()
    return log.push(fact, now, { max: this.limits.factsPerThread, oldestMs: now - this.limits.retentionMs })
  }

  /** A run that ended without anyone being told must not hold its thread's readers up. */
  #endLate({ liveRun }: ThreadLog): void {
    if (!liveRun || this.#closed) return
    const timer = this.clock.after(LATE_END_MS, () => {
      this.#lateEnds.delete(timer)
      this.runs.end(liveRun.runId)
    })
    this.#lateEnds.add(timer)
  }

  #log(threadId: string): ThreadLog {
    const log = this.#logs.get(threadId) ?? new ThreadLog(this.#now())
    this.#logs.set(threadId, log)
    this.#sweepLater()
    return log
  }

  #sweepLater(): void {
    if (this.#closed) return
    this.#sweep ??= this.clock.after(this.limits.retentionMs, () => {
      this.#sweep = null
      this.#forgetOld()
      if (this.#logs.size > 0) this.#sweepLater()
    })
  }

  #forgetOld(): void {
    const oldest = this.#now() - this.limits.retentionMs
    for (const [threadId, log] of this.#logs) {
      if (log.readers === 0 && !log.liveRun && log.lastMark <= oldest) this.#logs.delete(threadId)
    }
  }

  #now(): number {
    return this.clock.now().getTime()
  }
}

function isWanted(kind: 'run_done' | 'state', { modes }: ThreadFollowOptions): boolean {
  return kind === 'state' ? modes.has('state_update') : modes.has('run_modes') || modes.has('lifecycle')
}
