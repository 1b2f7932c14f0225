/** Does work of the same key one after another, and work of different keys side by side. */
export class SerialByKey {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Resolves or rejects as `work` does, which begins once all earlier work of the key has ended, however it ended. */
  run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const result = before.then(work)
    const ended: Promise<void> = result.then(
      () => this.#forget(key, ended),
      () => this.#forget(key, ended),
    )
    this.#last.set(key, ended)
    return result
  }

  #forget(key: string, ended: Promise<void>): void {
    if (this.#last.get(key) === ended) this.#last.delete(key)
  }
}
