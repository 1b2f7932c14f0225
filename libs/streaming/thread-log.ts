import { StreamLagged } from './streaming.errors.js'
import { WakeUp } from './wake-up.js'

/**
 * Something that happened on a thread: a run, whose events are kept with the run, its end, or a state that a client has
 * changed: its checkpoint, null for the latest.
 */
export type ThreadFact =
  | { readonly kind: 'run' | 'run_done'; readonly runId: string }
  | { readonly kind: 'state'; readonly checkpointId: string | null }

/** A fact and its place. */
export interface ThreadMark {
  /** Strictly rising: the time in ms, or more where things happen faster. So it also rises from process to process. */
  readonly mark: number
  readonly fact: ThreadFact
}

/** The kept facts of one thread and the readers that wait for more. */
export class ThreadLog {
  /** The run that is under way. */
  liveRun: { readonly mark: number; readonly runId: string } | null = null
  /** How many read. */
  readers = 0
  #marks: ThreadMark[] = []
  #dropped = 0
  #lastMark: number
  #ended = false
  readonly #waiting = new WakeUp()

  /** `lastMark`: below all that will be pushed. */
  constructor(lastMark: number) {
    this.#lastMark = lastMark
  }

  /** Whether nothing is kept. */
  get isEmpty(): boolean {
    return this.#marks.length === 0
  }

  /** The newest mark that was given. */
  get lastMark(): number {
    return this.#lastMark
  }

  /** Adds a fact whose mark is above all before it, and drops those that are more than `max` or were over before `oldestMs`. */
  push(mark: ThreadMark, keep: { readonly max: number; readonly oldestMs: number }): void {
    this.#lastMark = mark.mark
    this.#marks.push(mark)
    this.#trim(keep.max, keep.oldestMs)
    this.#waiting.wake()
  }

  /** Readers finish after the last fact. */
  end(): void {
    this.#ended = true
    this.#waiting.wake()
  }

  /**
   * The facts from this mark on, as they come, until the thread is gone or the signal aborts. The position is the one
   * that holds now: a mark beyond the last was not given yet and means all that comes, unless the log is not `isWhole`
   * and older facts are still to come into it.
   */
  read(from: number, signal: AbortSignal, isWhole: boolean): AsyncIterable<ThreadMark> {
    return this.#readFrom(this.#indexOf(from), isWhole ? -1 : from, signal)
  }

  async *#readFrom(start: number, least: number, signal: AbortSignal): AsyncGenerator<ThreadMark> {
    let index = start
    const reader = this.#waiting.reader(signal)
    try {
      while (!signal.aborted) {
        if (index < this.#dropped) throw new StreamLagged()
        const mark = this.#marks[index - this.#dropped]
        if (mark) {
          index += 1
          if (mark.mark >= least) yield mark
        } else if (this.#ended) return
        else await reader.wait()
      }
    } finally {
      reader.leave()
    }
  }

  /** Counted over all facts that ever were: it stays true while old ones are dropped. */
  #indexOf(mark: number): number {
    const index = this.#marks.findIndex((kept) => kept.mark >= mark)
    return this.#dropped + (index === -1 ? this.#marks.length : index)
  }

  /** A run is over when the next thing happens: that fact's time tells how old it is. */
  #trim(max: number, oldestMs: number): void {
    const kept = this.#marks.findIndex(
      (_, index, marks) => marks.length - index <= max && (marks[index + 1]?.mark ?? oldestMs) >= oldestMs,
    )
    if (kept <= 0) return
    this.#marks = this.#marks.slice(kept)
    this.#dropped += kept
  }
}
