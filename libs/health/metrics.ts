import { Injectable } from '@nestjs/common'
import { Gauge, Registry } from 'prom-client'
import { Clock, type Figure, Logger, MetricSources } from '#kernel'
import { HttpMetrics } from './http-metrics.js'
import { processFigures } from './process-figures.js'

/** How long the sources may take together, in ms; one that takes longer is left out. */
const READ_DEADLINE_MS = 2_000

/** What `/metrics` shows, in both forms. */
@Injectable()
export class Metrics {
  #reading: Promise<Figure[]> | null = null

  constructor(
    private readonly sources: MetricSources,
    private readonly http: HttpMetrics,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Prometheus's text format. */
  async text(): Promise<string> {
    const gauges = new Registry()
    for (const { name, help, value } of await this.#figures()) new Gauge({ name, help, registers: [gauges] }).set(value)
    const series = [gauges, this.http.registry, ...this.sources.series]
    return (await Promise.all(series.map((each) => each.metrics()))).join('\n')
  }

  /** The figures by group: `{queue: {n_pending, …}, workers: {…}, …}`. */
  async json(): Promise<Record<string, Record<string, number>>> {
    const groups: Record<string, Record<string, number>> = {}
    for (const { at, value } of await this.#figures()) (groups[at[0]] ??= {})[at[1]] = value
    return groups
  }

  /** Scrapes that come together share one reading. */
  async #figures(): Promise<Figure[]> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  async #readAll(): Promise<Figure[]> {
    const reads = [...this.sources.all].map(([name, read]) => this.#inTime(name, read()))
    return [...(await Promise.all(reads)).flat(), ...processFigures()]
  }

  #inTime(name: string, reading: Promise<readonly Figure[]>): Promise<readonly Figure[]> {
    return new Promise((resolve) => {
      const leaveOut = (err: unknown) => {
        this.logger.warn({ err, source: name }, 'figures are left out of the metrics')
        resolve([])
      }
      const timer = this.clock.after(READ_DEADLINE_MS, () => leaveOut(new Error('they were not read in time')))
      void reading.then(resolve, leaveOut).finally(() => timer.cancel())
    })
  }
}
