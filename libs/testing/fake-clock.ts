import { setImmediate as nextTurn } from 'node:timers/promises'
import { Clock, Random, type Timer } from '#kernel'

interface Pending {
  readonly at: number
  readonly callback: () => void
}

/** A clock that stands still until a test moves it. */
export class FakeClock extends Clock {
  readonly #timers = new Set<Pending>()
  #now: number

  constructor(start: Date = new Date('2026-01-01T00:00:00.000Z')) {
    super()
    this.#now = start.getTime()
  }

  override now(): Date {
    return new Date(this.#now)
  }

  override after(delayMs: number, callback: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, delayMs), callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size
  }

  /**
   * Moves the time on, firing what comes due in the order of its time. After each timer, and at the end, the event
   * loop takes some turns, so that what a timer set going can arm the next one.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settleTurns()
    for (let timer = this.#nextUntil(end); timer; timer = this.#nextUntil(end)) {
      this.#timers.delete(timer)
      this.#now = Math.max(this.#now, timer.at)
      timer.callback()
      await settleTurns()
    }
    this.#now = Math.max(this.#now, end)
  }

  #nextUntil(end: number): Pending | null {
    let next: Pending | null = null
    for (const timer of this.#timers) {
      if (timer.at <= end && (next === null || timer.at < next.at)) next = timer
    }
    return next
  }
}

/** Always the same number, 0.5 unless told: no jitter either way. */
export class FakeRandom extends Random {
  constructor(public value = 0.5) {
    super()
  }

  override next(): number {
    return this.value
  }
}

async function settleTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn()
}
