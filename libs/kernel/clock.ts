/** A timer that can be ended before it fires. */
export interface Timer {
  cancel(): void
}

/** The time, injected so that tests can move it. Also the injection token. */
export abstract class Clock {
  /** The current time. */
  abstract now(): Date
  /** Calls back once after `delayMs`; the owner cancels it when it ends. Does not keep the process alive. */
  abstract after(delayMs: number, callback: () => void): Timer
}

/** The machine's own clock. */
export class SystemClock extends Clock {
  override now(): Date {
    return new Date()
  }

  override after(delayMs: number, callback: () => void): Timer {
    const handle = setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS))
    handle.unref()
    return { cancel: () => clearTimeout(handle) }
  }
}

/** `setTimeout` fires at once above this many ms; a longer wait wakes early and is worked out again by its owner. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Randomness, injected so that jitter can be tested. Also the injection token. */
export abstract class Random {
  /** A number in [0, 1). */
  abstract next(): number
}

/** `Math.random`: good for jitter, never for secrets. */
export class SystemRandom extends Random {
  override next(): number {
    return Math.random()
  }
}
