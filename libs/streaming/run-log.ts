import type { StreamFrame } from './run-streams.js'
import { StreamLagged } from './streaming.errors.js'
import { WakeUp } from './wake-up.js'

/** How much of the head is emptied before the array is moved down. */
const COMPACT_AFTER = 1024

/**
 * The kept events of one run and the readers that wait for more. Readers are positions in this one list, so a slow one
 * costs no memory of its own; one that falls behind the oldest kept event is ended with `StreamLagged`.
 */
export class RunLog {
  #frames: (StreamFrame | undefined)[] = []
  #head = 0
  #firstSeq: number
  #bytes = 0
  #hasDropped = false
  #attempt = 0
  #ended = false
  #cut: Error | null = null
  readonly #readers = new WakeUp()

  constructor(
    firstSeq: number,
    readonly isReplayable: boolean,
  ) {
    this.#firstSeq = firstSeq
  }

  /** What the events take, in bytes, as an upper bound. */
  get bytes(): number {
    return this.#bytes
  }

  get isEnded(): boolean {
    return this.#ended
  }

  /** Whether events were dropped to keep the limits. */
  get hasDropped(): boolean {
    return this.#hasDropped
  }

  /** The sequence number of the oldest kept event. */
  get firstSeq(): number {
    return this.#firstSeq
  }

  /** The sequence number that the next event gets. */
  get nextSeq(): number {
    return this.#firstSeq + this.#frames.length - this.#head
  }

  /**
   * Makes ready for the events of an attempt. Without events its ids begin at `firstSeq`; a later attempt opens a log
   * anew that the end of an earlier one has closed.
   */
  begin(attempt: number, firstSeq: number): void {
    if (this.#frames.length === 0) this.#firstSeq = Math.max(firstSeq, this.#firstSeq)
    if (attempt > this.#attempt) this.#ended = false
    this.#attempt = Math.max(attempt, this.#attempt)
  }

  append(event: string, json: string): void {
    const frame = { id: String(this.nextSeq), event, json }
    this.#frames.push(frame)
    this.#bytes += frameBytes(frame)
    this.#readers.wake()
  }

  /** Drops the oldest events until both limits hold; the newest one always stays. */
  trim(maxFrames: number, maxBytes: number): void {
    while (this.#frames.length - this.#head > 1) {
      if (this.#frames.length - this.#head <= maxFrames && this.#bytes <= maxBytes) return
      this.#dropOldest()
    }
  }

  end(): void {
    this.#ended = true
    this.#readers.wake()
  }

  /** Ends every reader with this reason, now and from now on. */
  cut(reason: Error): void {
    this.#cut = reason
    this.#readers.wake()
  }

  /** The events from this sequence number on whose names pass, until the run ends or the signal aborts. */
  async *read(from: number, passes: (event: string) => boolean, signal: AbortSignal): AsyncGenerator<StreamFrame> {
    let seq = from
    while (!signal.aborted) {
      if (this.#cut) throw this.#cut
      if (seq < this.#firstSeq && this.#hasDropped) throw new StreamLagged()
      seq = Math.max(seq, this.#firstSeq)
      const frame = this.#frames[this.#head + seq - this.#firstSeq]
      if (frame) {
        seq += 1
        if (passes(frame.event)) yield frame
      } else if (this.#ended) return
      else await this.#readers.wait(signal)
    }
  }

  #dropOldest(): void {
    const frame = this.#frames[this.#head]
    if (!frame) return
    this.#frames[this.#head] = undefined
    this.#head += 1
    this.#firstSeq += 1
    this.#hasDropped = true
    this.#bytes -= frameBytes(frame)
    if (this.#head < COMPACT_AFTER || this.#head * 2 < this.#frames.length) return
    this.#frames = this.#frames.slice(this.#head)
    this.#head = 0
  }
}

/** Two bytes a character is the most that a string takes. */
function frameBytes(frame: StreamFrame): number {
  return (frame.json.length + frame.event.length) * 2
}
