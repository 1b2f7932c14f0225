import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common'
import { lastQueryValue, LIMIT_RANGE, parseIntegerQuery, type QueryValue, UuidPipe } from '#http'
import { AdminGuard } from '../admin.guard.js'
import { DeliveriesService } from './deliveries.service.js'
import { deliveryFilterOfBody, deliveryFilterOfQuery, requireKnownFilters, requireOnce } from './delivery-filter.js'
import { parseCursor } from './delivery-position.js'
import type { WireDeliveryPage, WireFullDelivery } from './delivery-wire.js'
import { RedeliverDto } from './dto/redeliver.dto.js'
import { Redelivery } from './redelivery.js'

/** How many deliveries of a bulk redelivery were queued again. */
interface Redelivered {
  readonly redelivered: number
}

/** What of a Fastify request tells of fields that a DTO leaves out. */
interface BodyAsSent {
  readonly body: unknown
}

const DEFAULT_LIMIT = 100

/** `/webhooks/deliveries` (webhooks contract section 6). */
@Controller('webhooks/deliveries')
@UseGuards(AdminGuard)
export class DeliveriesController {
  constructor(
    private readonly deliveries: DeliveriesService,
    private readonly redelivery: Redelivery,
  ) {}

  /** Newest first. `created_after` is inclusive, `created_before` exclusive; `limit` is 1 to 1000, by default 100. */
  @Get()
  list(@Query() query: Record<string, QueryValue>): Promise<WireDeliveryPage> {
    requireKnownFilters(query, ['limit', 'cursor'])
    requireOnce(query)
    const limit = parseIntegerQuery(query['limit'], 'limit', LIMIT_RANGE) ?? DEFAULT_LIMIT
    const position = parseCursor(lastQueryValue(query['cursor']))
    return this.deliveries.list(deliveryFilterOfQuery(query), position, limit)
  }

  /** Queues again, now, all deliveries of a filter that have a body and are not being sent. */
  @Post('redeliver')
  @HttpCode(200)
  async redeliverMatching(@Body() body: RedeliverDto, @Req() request: BodyAsSent): Promise<Redelivered> {
    requireKnownFilters(request.body)
    return { redelivered: await this.redelivery.redeliverMatching(deliveryFilterOfBody(body)) }
  }

  /** With its body and all attempts. */
  @Get(':delivery_id')
  get(@Param('delivery_id', new UuidPipe('delivery')) deliveryId: string): Promise<WireFullDelivery> {
    return this.deliveries.get(deliveryId)
  }

  /** Queues it again, now: same id and body, the schedule afresh. */
  @Post(':delivery_id/redeliver')
  @HttpCode(202)
  redeliver(@Param('delivery_id', new UuidPipe('delivery')) deliveryId: string): Promise<void> {
    return this.redelivery.redeliver(deliveryId)
  }

  /** No further attempt is made. */
  @Post(':delivery_id/cancel')
  @HttpCode(204)
  cancel(@Param('delivery_id', new UuidPipe('delivery')) deliveryId: string): Promise<void> {
    return this.deliveries.cancel(deliveryId)
  }
}
