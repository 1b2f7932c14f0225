import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { Clock, Random } from '#kernel'
import type { AttemptResult } from './attempt-result.js'
import { type DeliveryProgress, settleAttempt, type Settlement } from './retry-policy.js'

/** The configured retry schedule, applied now. */
@Injectable()
export class RetryPlanner {
  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** What a delivery becomes by this attempt. */
  settle(result: AttemptResult, progress: DeliveryProgress): Settlement {
    return settleAttempt(result, progress, this.settings.webhooks.retryScheduleMs, this.clock.now(), this.random)
  }
}
