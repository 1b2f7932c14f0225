import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { Logger } from '#kernel'
import type { AttemptResult } from './attempt-result.js'
import type { ClaimedDelivery } from './claimed-delivery.js'
import { DeliveryMetrics } from './delivery-metrics.js'

/** Tells of attempts: counts them, and in `dev`, where a developer waits for a webhook, writes what has failed. */
@Injectable()
export class AttemptWatch {
  constructor(
    private readonly settings: Settings,
    private readonly metrics: DeliveryMetrics,
    private readonly logger: Logger,
  ) {}

  attempted(delivery: ClaimedDelivery, result: AttemptResult): void {
    this.metrics.attempted(result)
    if (this.settings.mode !== 'dev' || result.errorCode === null) return
    const { deliveryId, runId, hostKey, attempts } = delivery
    const { errorCode, httpStatus } = result
    const fields = { deliveryId, run_id: runId, host: hostKey, code: errorCode, status: httpStatus, attempt: attempts }
    this.logger.info(fields, 'a webhook did not arrive')
  }
}
