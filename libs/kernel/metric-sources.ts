/** One figure that `/metrics` shows. */
export interface Figure {
  /** The Prometheus series. */
  readonly name: string
  readonly help: string
  readonly value: number
  /** Where it stands in the JSON form: `['queue', 'n_pending']`. */
  readonly at: readonly [group: string, key: string]
}

/** Reads the figures of one room now. */
export type ReadFigures = () => Promise<readonly Figure[]>

/** Where rooms offer their figures, so that whoever shows them need not know the rooms. */
export class MetricSources {
  readonly #sources = new Map<string, ReadFigures>()

  /** @throws Error when the name is taken. */
  add(name: string, read: ReadFigures): void {
    if (this.#sources.has(name)) throw new Error(`metric source ${name} is added twice`)
    this.#sources.set(name, read)
  }

  /** By name, in the order of their adding. */
  get all(): ReadonlyMap<string, ReadFigures> {
    return this.#sources
  }
}
