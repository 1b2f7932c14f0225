import { StreamLagged } from './streaming.errors.js'
import { WakeUp } from './wake-up.js'

/** Something that happened on a thread: a run, whose events are kept with the run, or a single event. */
export type ThreadFact =
  { readonly kind: 'run'; readonly runId: string } | { readonly kind: 'run_done' | 'state'; readonly json: string }

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

  constructor(nowMs: number) {
    this.#lastMark = nowMs - 1
  }

  /** Whether nothing is kept. */
  get isEmpty(): boolean {
    return this.#marks.length === 0
  }

  /** The newest mark that was given; the time of its making, in ms, before the first. */
  get lastMark(): number {
    return this.#lastMark
  }

  /** Adds a fact, and drops those that are more than `max` or were over before `oldestMs`. */
  push(fact: ThreadFact, nowMs: number, keep: { readonly max: number; readonly oldestMs: number }): ThreadMark {
    this.#lastMark = Math.max(nowMs, this.#lastMark + 1)
    const mark = { mark: this.#lastMark, fact }
    this.#marks.push(mark)
    this.#trim(keep.max, keep.oldestMs)
    this.#waiting.wake()
    return mark
  }

  /** Readers finish after the last fact. */
  end(): void {
    this.#ended = true
    this.#waiting.wake()
  }

  /**
   * The facts from this mark on, as they come, until the thread is gone or the signal aborts. The position is the one
   * that holds now.
   */
  read(from: number, signal: AbortSignal): AsyncIterable<ThreadMark> {
    return this.#readFrom(this.#indexOf(from), signal)
  }

  async *#readFrom(start: number, signal: AbortSignal): AsyncGenerator<ThreadMark> {
    let index = start
    while (!signal.aborted) {
      if (index < this.#dropped) throw new StreamLagged()
      const mark = this.#marks[index - this.#dropped]
      if (mark) {
        index += 1
        yield mark
      } else if (this.#ended) return
      else await this.#waiting.wait(signal)
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
