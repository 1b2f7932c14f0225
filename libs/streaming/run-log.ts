import type { StreamFrame } from './run-streams.js'
import { StreamLagged } from './streaming.errors.js'
import { WakeUp } from './wake-up.js'

/** How much of the head is emptied before the array is moved down. */
const COMPACT_AFTER = 1024

/**
 * The ids of an attempt begin at a multiple of this: above whatever an earlier one gave, in whichever process that was.
 * So an id also tells its attempt.
 */
export const IDS_PER_ATTEMPT = 1_000_000_000

/** The attempt, from 1, whose event has this number. */
export function attemptOf(seq: number): number {
  return Math.floor(seq / IDS_PER_ATTEMPT) + 1
}

/**
 * The kept events of one run and the readers that wait for more. Ids rise by one within an attempt. Readers are
 * positions in this one list, so a slow one costs no memory of its own; one that falls behind the oldest kept event is
 * ended with `StreamLagged`.
 */
export class RunLog {
  #frames: (StreamFrame | undefined)[] = []
  #head = 0
  /** How many events are not in the list any more: a reader's place counts all that ever were. */
  #gone = 0
  #nextSeq = 0
  #droppedThrough = -1
  #bytes = 0
  #attempt = 0
  #ended = false
  #cut: Error | null = null
  readonly #readers = new WakeUp()

  constructor(readonly isReplayable: boolean) {}

  /** What the events take, in bytes, as an upper bound. */
  get bytes(): number {
    return this.#bytes
  }

  get isEnded(): boolean {
    return this.#ended
  }

  /** The newest attempt that was begun; 0 before the first. */
  get attempt(): number {
    return this.#attempt
  }

  /** The number of the newest event that was dropped to keep the limits; -1 when none was. */
  get droppedThrough(): number {
    return this.#droppedThrough
  }

  /** The number of the oldest kept event. */
  get firstSeq(): number {
    const oldest = this.#frames[this.#head]
    return oldest ? Number(oldest.id) : this.#nextSeq
  }

  /** The number that the next event gets. */
  get nextSeq(): number {
    return this.#nextSeq
  }

  /** Makes ready for the events of an attempt; a later one opens a log anew that the end of an earlier one has closed. */
  begin(attempt: number): void {
    if (attempt <= this.#attempt) return
    this.#attempt = attempt
    this.#ended = false
    this.#nextSeq = Math.max(this.#nextSeq, (attempt - 1) * IDS_PER_ATTEMPT)
  }

  append(event: string, json: string): void {
    this.#push({ id: String(this.#nextSeq), event, json })
    this.#nextSeq += 1
  }

  /**
   * Takes an event that another process has numbered; nothing when it is here already. Where events before it are
   * missing, readers that would miss them are ended.
   */
  take(seq: number, event: string, json: string): void {
    if (seq < this.#nextSeq) return
    this.begin(attemptOf(seq))
    if (seq > this.#nextSeq) this.#skipTo(seq)
    this.#push({ id: String(seq), event, json })
    this.#nextSeq = seq + 1
  }

  /** Drops the oldest events until both limits hold; the newest one always stays. */
  trim(maxFrames: number, maxBytes: number): void {
    while (this.#frames.length - this.#head > 1) {
      if (this.#frames.length - this.#head <= maxFrames && this.#bytes <= maxBytes) return
      this.#dropOldest()
    }
  }

  /** No more events come: readers finish after the last. */
  end(): void {
    this.#ended = true
    this.#readers.wake()
  }

  /** Ends every reader with this reason, now and from now on. */
  cut(reason: Error): void {
    this.#cut = reason
    this.#readers.wake()
  }

  /** Up to `limit` kept events from this number on. */
  kept(from: number, limit: number): StreamFrame[] {
    const start = this.#head + this.#offsetOf(from)
    return this.#frames.slice(start, start + limit).filter((frame) => frame !== undefined)
  }

  /** The events from this number on whose names pass, until the run ends or the signal aborts. */
  async *read(from: number, passes: (event: string) => boolean, signal: AbortSignal): AsyncGenerator<StreamFrame> {
    if (from <= this.#droppedThrough) throw this.#cut ?? new StreamLagged()
    let place = this.#gone + this.#offsetOf(from)
    const reader = this.#readers.reader(signal)
    try {
      while (!signal.aborted) {
        if (this.#cut) throw this.#cut
        if (place < this.#gone) throw new StreamLagged()
        const frame = this.#frames[this.#head + place - this.#gone]
        if (frame) {
          place += 1
          // One that began beyond the end of a log finds what comes in between behind it.
          if (passes(frame.event) && Number(frame.id) >= from) yield frame
        } else if (this.#ended) return
        else await reader.wait()
      }
    } finally {
      reader.leave()
    }
  }

  /** How many kept events are before this number. */
  #offsetOf(seq: number): number {
    let [low, high] = [this.#head, this.#frames.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (Number(this.#frames[middle]?.id) < seq) low = middle + 1
      else high = middle
    }
    return low - this.#head
  }

  #push(frame: StreamFrame): void {
    this.#frames.push(frame)
    this.#bytes += frameBytes(frame)
    this.#readers.wake()
  }

  /** Nothing before this number can be had any more. */
  #skipTo(seq: number): void {
    this.#gone += this.#frames.length - this.#head + 1 // a reader that waits at the end has missed something too
    this.#frames = []
    this.#head = 0
    this.#bytes = 0
    this.#droppedThrough = seq - 1
  }

  #dropOldest(): void {
    const frame = this.#frames[this.#head]
    if (!frame) return
    this.#frames[this.#head] = undefined
    this.#head += 1
    this.#gone += 1
    this.#droppedThrough = Number(frame.id)
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
