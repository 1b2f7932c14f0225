import type { Clock } from './clock.js'

/** Lets one loop sleep until it is woken or a time has passed; a wake-up while it is awake is remembered. */
export class WakeSignal {
  #isWoken = false
  #resolve: (() => void) | null = null

  constructor(private readonly clock: Clock) {}

  wake(): void {
    this.#isWoken = true
    this.#resolve?.()
  }

  /** Resolves at the next wake-up, or after `delayMs`. */
  async sleep(delayMs: number): Promise<void> {
    if (!this.#isWoken && delayMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.clock.after(delayMs, resolve)
        this.#resolve = () => (timer.cancel(), resolve())
      })
    }
    this.#resolve = null
    this.#isWoken = false
  }
}
