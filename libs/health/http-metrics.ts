import { Injectable } from '@nestjs/common'
import { Counter, Histogram, Registry } from 'prom-client'

/** One answered request. */
export interface AnsweredRequest {
  readonly method: string
  /** The route's template, never a path; a fixed word where no route took it. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const LABELS = ['method', 'route', 'status'] as const

/** Counts requests, by labels of which there are only so many. */
@Injectable()
export class HttpMetrics {
  readonly registry = new Registry()

  readonly #requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered.',
    labelNames: LABELS,
    registers: [this.registry],
  })
  readonly #seconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Seconds from a request to the end of its answer.',
    labelNames: LABELS,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [this.registry],
  })

  observe({ method, route, status, seconds }: AnsweredRequest): void {
    const labels = { method: METHODS.has(method) ? method : 'other', route, status: String(status) }
    this.#requests.inc(labels)
    this.#seconds.observe(labels, seconds)
  }
}
