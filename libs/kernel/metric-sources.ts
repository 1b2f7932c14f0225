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

/** Counters and histograms of one room, as prom-client's registry gives them. */
export interface MetricSeries {
  /** In Prometheus's text format. */
  metrics(): Promise<string>
}

/** Where rooms offer their figures, so that whoever shows them need not know the rooms. */
export class MetricSources {
  readonly #sources = new Map<string, ReadFigures>()
  readonly #series = new Map<string, MetricSeries>()

  /** @throws Error when the name is taken. */
  add(name: string, read: ReadFigures): void {
    if (this.#sources.has(name)) throw new Error(`metric source ${name} is added twice`)
    this.#sources.set(name, read)
  }

  /** @throws Error when the name is taken. */
  addSeries(name: string, series: MetricSeries): void {
    if (this.#series.has(name)) throw new Error(`metric series ${name} are added twice`)
    this.#series.set(name, series)
  }

  /** In the order of their adding. */
  get series(): Iterable<MetricSeries> {
    return this.#series.values()
  }

  /** By name, in the order of their adding. */
  get all(): ReadonlyMap<string, ReadFigures> {
    return this.#sources
  }
}
