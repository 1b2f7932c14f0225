/** Why a worker stops a graph before its end. `lost`: another process owns the run, or its thread is gone. */
export type StopCause = 'cancel' | 'timeout' | 'lost' | 'shutdown'

/** What an execution is told: a cause, or that the run's thread was deleted, whatever else it is stopped for. */
export type StopWord = StopCause | 'thread deleted'

/** The handle by which one execution is stopped; the first cause counts. */
export class RunStop {
  readonly #controller = new AbortController()
  #cause: StopCause | null = null
  #isThreadDeleted = false

  /** `mayWrite`: whether the run is still its worker's, so that its graph may write checkpoints. */
  constructor(readonly mayWrite: () => Promise<boolean> = () => Promise.resolve(true)) {}

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get cause(): StopCause | null {
    return this.#cause
  }

  /** Then what its graph has written is nobody's, though there may be another thread of the same id. */
  get isThreadDeleted(): boolean {
    return this.#isThreadDeleted
  }

  stop(word: StopWord): void {
    if (word === 'thread deleted') this.#isThreadDeleted = true
    this.#cause ??= word === 'thread deleted' ? 'lost' : word
    this.#controller.abort()
  }
}
