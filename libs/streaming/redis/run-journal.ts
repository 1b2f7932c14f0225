import { type Clock, describeError, type Logger, type Timer } from '#kernel'
import { attemptOf, type RunLog } from '../run-log.js'
import type { RunLogs } from '../run-logs.js'
import type { StreamFrame } from '../run-streams.js'
import { runPlace } from './places.js'
import type { RedisLink } from './redis-link.js'
import { APPEND } from './redis-scripts.js'

/** Sent in one command at most. */
const FRAMES = 500
const CHARACTERS = 2 ** 20
/** Until what could not be sent is tried again, where Redis is there, in ms. */
const RETRY_MS = 500
/** How long somebody waits for what was appended to be in Redis, in ms: longer than it takes to find a connection dead. */
const FLUSH_DEADLINE_MS = 5_000
/** Until when after the loss of a connection somebody waits, in ms: most are back by then. */
const SHORT_LOSS_MS = 2_000
/** How long the events of a run that says nothing stay, in ms; those of a live one are kept alive three times as often. */
const LIFETIME_MS = 900_000

/** What of a run that is written here is in Redis. */
interface Outgoing {
  readonly attempt: number
  /** The number of the newest entry that we know of: of the event before the next one to send. */
  sent: number
  /** The end is to be told after the last event. */
  isEnding: boolean
  /** Nothing more is to be told. */
  isDone: boolean
  /** Redis may have forgotten: it is to be asked although there is nothing to send. */
  isUnsure: boolean
  trimmedTo: number
  readonly waiting: Set<() => void>
}

type Answer = [1] | [0, newest: number, isEnd: number]

/**
 * Copies the events of runs that are written in this process to Redis, in order, each run in one command per turn. The
 * logs in memory are the queue: what Redis does not take now, or has forgotten, is sent when it is back. A run whose
 * newest event in Redis is of a later attempt is somebody else's: nothing of it is written any more.
 */
export class RunJournal {
  readonly #out = new Map<string, Outgoing>()
  readonly #dirty = new Set<string>()
  #working = false
  #retry: Timer | null = null
  #refresh: Timer | null = null
  #isClosed = false
  #isTroubled = false
  /** When the connection was lost last, in ms since the epoch. */
  #lostAtMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly link: RedisLink,
    private readonly logs: RunLogs,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly options: { readonly retentionMs: number; readonly onFenced: (runId: string) => void },
  ) {
    link.onUp(() => this.#askAll())
    link.onDown(() => (this.#lostAtMs = this.#nowMs()))
    this.#refreshLater()
  }

  /** Whether this process writes the run's events. */
  isWriting(runId: string): boolean {
    const out = this.#out.get(runId)
    return out !== undefined && !out.isDone
  }

  /** Whether its events were written in this process. */
  knows(runId: string): boolean {
    return this.#out.has(runId)
  }

  /** The newest attempt whose events were written in this process; 0 where none were. */
  attempt(runId: string): number {
    return this.#out.get(runId)?.attempt ?? 0
  }

  /** From here on the log's events from this attempt on are copied. `sent`: the newest one that is there already. */
  begin(runId: string, attempt: number, sent: number): void {
    const before = this.#out.get(runId)
    if (before && before.attempt >= attempt) return
    if (before) settle(before)
    const state = { sent, isEnding: false, isDone: false, isUnsure: false, trimmedTo: -1 }
    this.#out.set(runId, { attempt, ...state, waiting: new Set() })
  }

  /** The log has something new. */
  note(runId: string): void {
    this.#dirty.add(runId)
    this.#work()
  }

  /** The log has ended. */
  end(runId: string): void {
    const out = this.#out.get(runId)
    if (!out) return
    out.isEnding = true
    this.note(runId)
  }

  /** Nothing more of it is copied. */
  drop(runId: string): void {
    const out = this.#out.get(runId)
    this.#out.delete(runId)
    this.#dirty.delete(runId)
    if (out) settle(out)
  }

  /** Resolves when all that the log has now is in Redis; soon where Redis is slow, at once where it has been away. */
  flushed(runId: string): Promise<void> {
    const out = this.#out.get(runId)
    const patienceMs = this.link.isUp ? FLUSH_DEADLINE_MS : this.#lostAtMs + SHORT_LOSS_MS - this.#nowMs()
    if (!out || patienceMs <= 0 || !this.#hasMore(runId, out)) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.clock.after(patienceMs, () => end())
      const end = () => {
        timer.cancel()
        out.waiting.delete(end)
        resolve()
      }
      out.waiting.add(end)
    })
  }

  close(): void {
    this.#isClosed = true
    this.#retry?.cancel()
    this.#refresh?.cancel()
    for (const out of this.#out.values()) settle(out)
  }

  #nowMs(): number {
    return this.clock.now().getTime()
  }

  #work(): void {
    if (this.#working || this.#isClosed || this.#retry) return
    this.#working = true
    void this.#sendAll().finally(() => {
      this.#working = false
    })
  }

  /** Never rejects. What is appended while a turn is on its way goes with the next. */
  async #sendAll(): Promise<void> {
    await Promise.resolve()
    while (this.#dirty.size > 0 && this.link.isUp && !this.#retry && !this.#isClosed) {
      const runIds = [...this.#dirty]
      this.#dirty.clear()
      await Promise.all(runIds.map((runId) => this.#send(runId)))
    }
  }

  async #send(runId: string): Promise<void> {
    const out = this.#out.get(runId)
    const log = this.logs.get(runId)
    if (!out || !log || out.isDone) return
    const frames = fitting(log.kept(out.sent, FRAMES))
    const isLast = frames.length === 0 || Number(frames.at(-1)?.id) === log.nextSeq - 1
    const isEnd = out.isEnding && isLast
    if (frames.length === 0 && !isEnd && !out.isUnsure) return settle(out)
    try {
      const answer = await APPEND.run<Answer>(
        this.link,
        runPlace(this.link.prefix, runId).key,
        this.#args(runId, out, log, frames, isEnd),
      )
      if (this.#out.get(runId) === out) this.#answered(runId, out, answer, { frames, isEnd })
      this.#isTroubled = false
    } catch (err) {
      this.#failed(runId, err)
    }
  }

  #args(runId: string, out: Outgoing, log: RunLog, frames: readonly StreamFrame[], isEnd: boolean): string[] {
    const lifetimeMs = isEnd ? this.options.retentionMs : LIFETIME_MS
    const entries = frames.flatMap(({ id, event, json }) => [String(Number(id) + 1), event, json])
    const end = isEnd ? [String(log.nextSeq + 1), '', ''] : []
    const trim = log.droppedThrough > out.trimmedTo ? String(log.firstSeq + 1) : ''
    return [String(out.sent), String(lifetimeMs), runPlace(this.link.prefix, runId).channel, trim, ...entries, ...end]
  }

  #answered(
    runId: string,
    out: Outgoing,
    [isWritten, newest, isEnd]: Answer,
    sent: { frames: readonly StreamFrame[]; isEnd: boolean },
  ): void {
    out.isUnsure = false
    if (isWritten === 1) {
      const log = this.logs.get(runId)
      out.trimmedTo = log?.droppedThrough ?? -1
      out.sent = sent.frames.length > 0 ? Number(sent.frames.at(-1)?.id) + 1 : out.sent
      out.isDone = sent.isEnd
    } else if (isEnd === 1 || attemptOf(newest - 1) > out.attempt) {
      out.isDone = true
      if (!out.isEnding) this.options.onFenced(runId)
    } else out.sent = newest
    if (out.isDone || !this.#hasMore(runId, out)) settle(out)
    else this.#dirty.add(runId)
  }

  #failed(runId: string, err: unknown): void {
    this.#dirty.add(runId)
    if (this.#isClosed) return
    if (!this.#isTroubled && this.link.isUp) this.logger.warn({ err: describeError(err) }, 'Redis takes no events')
    this.#isTroubled = true
    this.#retry ??= this.clock.after(RETRY_MS, () => {
      this.#retry = null
      this.#work()
    })
  }

  #hasMore(runId: string, out: Outgoing): boolean {
    const log = this.logs.get(runId)
    if (!log || out.isDone) return false
    return out.isEnding || out.isUnsure || log.kept(out.sent, 1).length > 0
  }

  /** Redis is back: also what was sent before may be gone. */
  #askAll(): void {
    for (const [runId, out] of this.#out) {
      out.isUnsure = true
      // An end that was told is told again where the events are gone.
      out.isDone = false
      this.#dirty.add(runId)
    }
    this.#work()
  }

  /** A run that says nothing for long must not lose its events. */
  #refreshLater(): void {
    this.#refresh = this.clock.after(LIFETIME_MS / 3, () => {
      for (const [runId, out] of this.#out) {
        if (this.logs.get(runId) === undefined) this.drop(runId)
        else if (!out.isEnding) {
          out.isUnsure = true
          this.#dirty.add(runId)
        }
      }
      this.#work()
      if (!this.#isClosed) this.#refreshLater()
    })
  }
}

/** The first of them that fit into one command; always one. */
function fitting(frames: readonly StreamFrame[]): readonly StreamFrame[] {
  let characters = 0
  const tooMany = frames.findIndex(({ json }, index) => (characters += json.length) > CHARACTERS && index > 0)
  return tooMany === -1 ? frames : frames.slice(0, tooMany)
}

function settle({ waiting }: Outgoing): void {
  for (const end of waiting) end()
}
