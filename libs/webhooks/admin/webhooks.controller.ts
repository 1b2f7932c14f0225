import { Body, Controller, Get, HttpCode, Post, Query, Req, UseGuards } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { Settings } from '#config'
import { lastQueryValue, type QueryValue } from '#http'
import { AdminGuard } from '../admin.guard.js'
import { requireKnownFields } from '../known-fields.js'
import { parseTime, requireOnce } from './delivery-filter.js'
import { TestWebhookDto } from './dto/test-webhook.dto.js'
import type { WireStats } from './stats-wire.js'
import { toWireConfig, type WireWebhookConfig } from './webhook-config.js'
import { WebhookStats } from './webhook-stats.js'
import { WebhookTrial, type WireTrial } from './webhook-trial.js'

const TEST_FIELDS: readonly (keyof TestWebhookDto)[] = ['url']

/** `/webhooks/config`, `/webhooks/test` and `/webhooks/stats` (webhooks contract section 6). */
@Controller('webhooks')
@UseGuards(AdminGuard)
export class WebhooksController {
  constructor(
    private readonly settings: Settings,
    private readonly trial: WebhookTrial,
    private readonly stats: WebhookStats,
  ) {}

  /** The policy in force, with header values masked and without secrets. */
  @Get('config')
  config(): WireWebhookConfig {
    return toWireConfig(this.settings)
  }

  /** Sends a signed sample run to the URL, once, and answers what came of it. */
  @Post('test')
  @HttpCode(200)
  test(@Body() body: TestWebhookDto, @Req() request: FastifyRequest): Promise<WireTrial> {
    requireKnownFields(request.body, TEST_FIELDS)
    return this.trial.send(body.url)
  }

  /** Of the deliveries created since then, by default in the last 24 hours. */
  @Get('stats')
  read(@Query() query: Record<string, QueryValue>): Promise<WireStats> {
    requireKnownFields(query, ['since'], 'parameter')
    requireOnce(query)
    return this.stats.read(parseTime(lastQueryValue(query['since']), 'since'))
  }
}
