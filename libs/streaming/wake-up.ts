/** Readers that wait for more. */
export class WakeUp {
  readonly #waiting = new Set<() => void>()

  /** Resolves at the next `wake`, or when the signal aborts. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake)
        this.#waiting.delete(wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }

  /** Wakes everyone who waits now. */
  wake(): void {
    for (const wake of this.#waiting) wake()
  }
}
