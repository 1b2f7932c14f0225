/** Readers that wait for more. */
export class WakeUp {
  readonly #waiting = new Set<Waiter>()

  /** One reader: it sleeps until the next `wake`, and no more once the signal aborts. To be left when it reads no more. */
  reader(signal: AbortSignal): Waiter {
    return new Waiter(this.#waiting, signal)
  }

  /** Wakes everyone who waits now. */
  wake(): void {
    for (const waiter of this.#waiting) waiter.wake()
  }
}

/** A reader's place among those that wait. It listens to its signal once, not at every wait: there is one for each event. */
export class Waiter {
  #resolve: (() => void) | null = null
  readonly #onAbort = () => this.wake()

  constructor(
    private readonly waiting: Set<Waiter>,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Resolves at the next wake; at once when the signal has aborted. */
  wait(): Promise<void> {
    if (this.signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      this.#resolve = resolve
      this.waiting.add(this)
    })
  }

  wake(): void {
    this.waiting.delete(this)
    this.#resolve?.()
    this.#resolve = null
  }

  /** Nothing is waited for any more. */
  leave(): void {
    this.signal.removeEventListener('abort', this.#onAbort)
    this.wake()
  }
}
