import { Controller, Get, Headers, Query, Res } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { Settings } from '#config'
import { presentsAdminKey, type QueryValue } from '#http'
import { metricsClosed } from './health.errors.js'
import { Metrics } from './metrics.js'

/** `GET /metrics` (contract section 10; behind the admin key once one is set, webhooks contract section 7). */
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly settings: Settings,
  ) {}

  /** Prometheus text, or JSON with `format=json`. @throws AppError `metrics_closed`. */
  @Get()
  async read(
    @Query('format') format: QueryValue,
    @Headers() headers: Record<string, string | string[] | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Record<string, Record<string, number>>> {
    const { adminKey } = this.settings
    if (adminKey !== null && !presentsAdminKey(headers, adminKey)) throw metricsClosed()
    if (format === 'json') return this.metrics.json()
    reply.type('text/plain; version=0.0.4; charset=utf-8')
    return this.metrics.text()
  }
}
