/** Why a worker stops a graph before its end. `lost`: another process owns the run, or its thread is gone. */
export type StopCause = 'cancel' | 'timeout' | 'lost' | 'shutdown'

/** The handle by which one execution is stopped; the first cause counts. */
export class RunStop {
  readonly #controller = new AbortController()
  #cause: StopCause | null = null

  /** `mayWrite`: whether the run is still its worker's, so that its graph may write checkpoints. */
  constructor(readonly mayWrite: () => Promise<boolean> = () => Promise.resolve(true)) {}

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get cause(): StopCause | null {
    return this.#cause
  }

  stop(cause: StopCause): void {
    this.#cause ??= cause
    this.#controller.abort()
  }
}
