import { Injectable, type OnModuleInit } from '@nestjs/common'
import { Counter, Histogram, Registry } from 'prom-client'
import { EventBus } from '#events'
import { MetricSources } from '#kernel'
import type { AttemptResult } from './attempt-result.js'
import { Refusals } from './refusals.js'
import { classifyOutcome } from './retry-policy.js'

const ATTEMPT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** From an idle server's milliseconds to the schedule's end. */
const LATENCY_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200, 43_200, 172_800]

/** Counts what this process does with deliveries (webhooks contract section 6). No label names a host or a URL. */
@Injectable()
export class DeliveryMetrics implements OnModuleInit {
  readonly #registry = new Registry()
  readonly #settled = this.#counter('deliveries_total', 'Deliveries that came to an end.', ['state'])
  readonly #attempts = this.#counter('attempts_total', 'Attempts by outcome class and error code.', ['class', 'code'])
  readonly #duration = this.#histogram('attempt_duration_seconds', 'Seconds of one attempt.', ATTEMPT_SECONDS)
  readonly #latency = this.#histogram('latency_seconds', 'Seconds from run ended to delivered.', LATENCY_SECONDS)

  constructor(
    private readonly bus: EventBus,
    private readonly sources: MetricSources,
    private readonly refusals: Refusals,
  ) {}

  onModuleInit(): void {
    this.#showRefusals()
    this.sources.addSeries('webhooks', this.#registry)
    this.bus.afterCommit('webhook.delivered', 'webhooks.metrics', ({ latencyMs }) => {
      this.#settled.inc({ state: 'delivered' })
      this.#latency.observe(latencyMs / 1000)
    })
    this.bus.afterCommit('webhook.died', 'webhooks.metrics', () => this.#settled.inc({ state: 'dead' }))
    this.bus.afterCommit('webhook.cancelled', 'webhooks.metrics', ({ count }) => {
      this.#settled.inc({ state: 'cancelled' }, count)
    })
  }

  attempted(result: AttemptResult): void {
    this.#attempts.inc({ class: classifyOutcome(result), code: result.errorCode ?? 'none' })
    this.#duration.observe(result.durationMs / 1000)
  }

  /** They are counted elsewhere; read anew at each scrape. */
  #showRefusals(): void {
    const counter: Counter<'rule' | 'point'> = new Counter({
      name: 'signalbox_webhook_refusals_total',
      help: 'Targets refused, by rule and point.',
      labelNames: ['rule', 'point'],
      registers: [this.#registry],
      collect: () => {
        counter.reset()
        for (const { rule, point, count } of this.refusals.counts) counter.inc({ rule, point }, count)
      },
    })
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name: `signalbox_webhook_${name}`, help, labelNames, registers: [this.#registry] })
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name: `signalbox_webhook_${name}`, help, buckets, registers: [this.#registry] })
  }
}
