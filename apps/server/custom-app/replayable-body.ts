/**
 * A request's body that can be read from its beginning more than once: by the custom app, and then by the built-in
 * route that gets what the app did not take. Keeps what was read up to the body limit and the piece that crosses it,
 * which is enough for a built-in route to refuse it.
 */
export class ReplayableBody {
  readonly #kept: Uint8Array[] = []
  readonly #source: AsyncIterator<Uint8Array>
  #keptBytes = 0
  #pull: Promise<void> = Promise.resolve()
  #isAtEnd = false

  constructor(
    source: AsyncIterable<Uint8Array>,
    private readonly limitBytes: number,
  ) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** The body from its beginning; what was not kept is missing from a second reading. */
  stream(): ReadableStream<Uint8Array> {
    let index = 0
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      const chunk = this.#kept[index] ?? (await this.#next())
      index++
      if (chunk) controller.enqueue(chunk)
      else controller.close()
    }
    return new ReadableStream({ pull }, { highWaterMark: 0 })
  }

  /** The next piece of the source; undefined at its end. One at a time: a clone may read alongside. */
  async #next(): Promise<Uint8Array | undefined> {
    if (this.#isAtEnd) return undefined
    const next = this.#pull.then(() => this.#source.next())
    this.#pull = next.then(() => undefined)
    // Whoever reads next hears of it; until then nobody does.
    this.#pull.catch(() => undefined)
    const { done, value } = await next
    if (done === true) this.#isAtEnd = true
    else this.#keep(value)
    return done === true ? undefined : value
  }

  #keep(chunk: Uint8Array): void {
    if (this.#keptBytes > this.limitBytes) return
    this.#kept.push(chunk)
    this.#keptBytes += chunk.byteLength
  }
}
