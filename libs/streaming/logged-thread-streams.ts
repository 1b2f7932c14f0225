import type { OnModuleDestroy } from '@nestjs/common'
import { AppError, type Clock, type Timer } from '#kernel'
import type { RunStreams, StreamFrame } from './run-streams.js'
import { StreamClosed, tooManyReaders } from './streaming.errors.js'
import { type ThreadFact, ThreadLog, type ThreadMark } from './thread-log.js'
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

/** What the streams of threads stand on. */
export interface ThreadStreamsGround {
  readonly clock: Clock
  readonly limits: ThreadStreamLimits
  readonly runs: RunStreams
}

/**
 * Reading threads from logs in the memory of this process, wherever their facts come from. A run costs one small object
 * here; its events are read from `RunStreams` when somebody asks for them.
 */
export abstract class LoggedThreadStreams extends ThreadStreams implements OnModuleDestroy {
  protected readonly logs = new Map<string, ThreadLog>()
  readonly #lateEnds = new Set<Timer>()
  #isClosed = false

  constructor(protected readonly ground: ThreadStreamsGround) {
    super()
  }

  protected get isClosed(): boolean {
    return this.#isClosed
  }

  override followed(): readonly string[] {
    return [...this.logs].filter(([, log]) => log.readers > 0).map(([threadId]) => threadId)
  }

  override lastId(threadId: string): string {
    const log = this.logs.get(threadId) ?? this.newLog()
    const live = log.liveRun
    if (!live) return formatThreadId(log.lastMark, AFTER_ALL)
    const seq = this.ground.runs.lastId(live.runId)
    return seq === '-1' ? formatThreadId(live.mark - 1, AFTER_ALL) : formatThreadId(live.mark, seq)
  }

  override follow(threadId: string, options: ThreadFollowOptions): AsyncIterable<StreamFrame> {
    const position = parseThreadId(options.afterId)
    const { readersPerThread } = this.ground.limits
    const log = this.logOf(threadId)
    if (log.readers >= readersPerThread) throw tooManyReaders(readersPerThread)
    log.readers += 1
    options.signal.addEventListener('abort', () => this.#leave(threadId, log), { once: true })
    const marks = log.read(position.mark, options.signal, this.isWhole(threadId))
    return this.#frames(log, marks, position, options)
  }

  onModuleDestroy(): void {
    this.#isClosed = true
    for (const timer of this.#lateEnds) timer.cancel()
    for (const log of this.logs.values()) log.end()
  }

  /** A log without facts. */
  protected abstract newLog(): ThreadLog

  /** Whether the log of a thread holds what happened until now. */
  protected isWhole(_threadId: string): boolean {
    return true
  }

  /** The thread's log, made where there is none. */
  protected logOf(threadId: string): ThreadLog {
    const log = this.logs.get(threadId) ?? this.newLog()
    this.logs.set(threadId, log)
    return log
  }

  /** Adds what has happened. */
  protected add(log: ThreadLog, mark: ThreadMark): void {
    const { fact } = mark
    const { factsPerThread, retentionMs } = this.ground.limits
    if (fact.kind === 'run_done') {
      if (log.liveRun?.runId === fact.runId) log.liveRun = null
    } else this.#endLate(log)
    log.push(mark, { max: factsPerThread, oldestMs: this.nowMs() - retentionMs })
    if (fact.kind === 'run') log.liveRun = { mark: mark.mark, runId: fact.runId }
  }

  protected nowMs(): number {
    return this.ground.clock.now().getTime()
  }

  #leave(threadId: string, log: ThreadLog): void {
    log.readers -= 1
    if (log.readers === 0 && log.isEmpty && this.logs.get(threadId) === log) this.logs.delete(threadId)
  }

  async *#frames(
    log: ThreadLog,
    marks: AsyncIterable<ThreadMark>,
    position: ThreadPosition,
    options: ThreadFollowOptions,
  ): AsyncGenerator<StreamFrame> {
    for await (const mark of marks) {
      if (this.#isClosed) throw new StreamClosed()
      const { fact } = mark
      if (fact.kind === 'run') yield* this.#framesOf(log, { mark: mark.mark, runId: fact.runId }, position, options)
      else if (mark.mark > position.mark && isWanted(fact, options)) yield frameOf(mark.mark, fact)
    }
  }

  /** The run's events after the position; its start alone for a reader of `lifecycle`. */
  async *#framesOf(
    log: ThreadLog,
    { mark, runId }: { readonly mark: number; readonly runId: string },
    position: ThreadPosition,
    { modes, signal }: ThreadFollowOptions,
  ): AsyncGenerator<StreamFrame> {
    const wantsAll = modes.has('run_modes')
    if (!wantsAll && !modes.has('lifecycle')) return
    const afterId = mark === position.mark ? String(position.seq) : '-1'
    const reading = new AbortController()
    const leave = (): void => reading.abort()
    signal.addEventListener('abort', leave, { once: true })
    try {
      const attempt = log.liveRun?.runId === runId ? 1 : null
      await this.ground.runs.attach(runId, { replayable: false, attempt }, reading.signal)
      const options = { afterId, modes: wantsAll ? null : [], signal: reading.signal }
      for await (const frame of this.#followRun(runId, options)) {
        if (wantsAll || frame.event === 'metadata') yield { ...frame, id: formatThreadId(mark, frame.id) }
      }
    } finally {
      signal.removeEventListener('abort', leave)
      leave()
    }
  }

  /** Where events were dropped to keep the limits, the reader gets what there is. */
  #followRun(runId: string, options: Parameters<RunStreams['follow']>[1]): AsyncIterable<StreamFrame> {
    const { runs } = this.ground
    try {
      return runs.follow(runId, options)
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'events_gone')) throw error
      return runs.follow(runId, { ...options, afterId: '-1' })
    }
  }

  /** A run that ended without anyone being told must not hold its thread's readers up. */
  #endLate({ liveRun }: ThreadLog): void {
    if (!liveRun || this.#isClosed) return
    const timer = this.ground.clock.after(LATE_END_MS, () => {
      this.#lateEnds.delete(timer)
      this.ground.runs.abandon(liveRun.runId)
    })
    this.#lateEnds.add(timer)
  }
}

type PlainFact = Exclude<ThreadFact, { kind: 'run' }>

function isWanted({ kind }: PlainFact, { modes }: ThreadFollowOptions): boolean {
  return kind === 'state' ? modes.has('state_update') : modes.has('run_modes') || modes.has('lifecycle')
}

function frameOf(mark: number, fact: PlainFact): StreamFrame {
  const id = formatThreadId(mark, 0)
  if (fact.kind === 'state') {
    return { id, event: 'state_update', json: JSON.stringify({ checkpoint_id: fact.checkpointId }) }
  }
  return { id, event: 'metadata', json: JSON.stringify({ status: 'run_done', run_id: fact.runId }) }
}
