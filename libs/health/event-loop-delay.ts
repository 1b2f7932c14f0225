import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { Clock, type Figure, MetricSources, type Timer } from '#kernel'

/** How often the delay is measured, in ms. */
const RESOLUTION_MS = 20

/** The figures are those of the last whole interval of this length, in ms. */
export const INTERVAL_MS = 15_000

/** Nanoseconds. */
interface Delay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Offers how late the event loop is: what waits for its turn because something else is being executed. */
@Injectable()
export class EventLoopDelay implements OnModuleInit, OnModuleDestroy {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #last: Delay = { p50: 0, p99: 0, max: 0 }
  #timer: Timer | null = null

  constructor(
    private readonly sources: MetricSources,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.#histogram.enable()
    this.sources.add('event_loop', () => Promise.resolve(this.#figures()))
    this.#turnLater()
  }

  onModuleDestroy(): void {
    this.#timer?.cancel()
    this.#histogram.disable()
  }

  #turnLater(): void {
    this.#timer = this.clock.after(INTERVAL_MS, () => {
      this.#last = this.#histogram.count > 0 ? measured(this.#histogram) : { p50: 0, p99: 0, max: 0 }
      this.#histogram.reset()
      this.#turnLater()
    })
  }

  #figures(): Figure[] {
    const figure = (key: keyof Delay, what: string): Figure => ({
      name: `nodejs_eventloop_lag_${key}_seconds`,
      help: `Delay of the event loop in the last ${INTERVAL_MS / 1000} s: ${what}.`,
      value: Math.max(0, this.#last[key] / 1e9 - RESOLUTION_MS / 1e3),
      at: ['event_loop', `lag_${key}_secs`],
    })
    return [figure('p50', 'median'), figure('p99', '99th percentile'), figure('max', 'maximum')]
  }
}

function measured(histogram: IntervalHistogram): Delay {
  return { p50: histogram.percentile(50), p99: histogram.percentile(99), max: histogram.max }
}
