import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { Clock, Random } from '#kernel'
import type { AttemptResult } from './attempt-result.js'
import { ClaimKeeper } from './claim-keeper.js'
import type { AttemptOutcome, ClaimedDelivery } from './claimed-delivery.js'
import { OutcomeWriter } from './outcome-writer.js'
import { settleAttempt } from './retry-policy.js'
import { WebhookSender } from './webhook-sender.js'

/** One claimed delivery from the request to the stored outcome. */
@Injectable()
export class DeliveryAttempt {
  constructor(
    private readonly settings: Settings,
    private readonly sender: WebhookSender,
    private readonly writer: OutcomeWriter,
    private readonly claims: ClaimKeeper,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /**
   * Sends and stores; `answered` is called between the two. Answers when the next attempt is due, null when there is
   * none. When `stop` aborts the request, the claim is handed back.
   */
  async run(delivery: ClaimedDelivery, stop: AbortSignal, answered: () => void): Promise<Date | null> {
    try {
      const result = await this.sender.send(delivery, stop)
      answered()
      if (result) return await this.#store(delivery, result)
      await this.claims.handBack(delivery)
      return null
    } finally {
      this.claims.release(delivery)
    }
  }

  /** Ends kept-alive connections, and the tries to store what could not be stored. */
  close(): void {
    this.writer.close()
    this.sender.close()
  }

  async #store(delivery: ClaimedDelivery, result: AttemptResult): Promise<Date | null> {
    const { startedAt, durationMs, httpStatus, errorCode, responseBody } = result
    const schedule = this.settings.webhooks.retryScheduleMs
    const settlement = settleAttempt(result, delivery, schedule, this.clock.now(), this.random)
    const outcome: AttemptOutcome = {
      ...settlement,
      deliveryId: delivery.deliveryId,
      claimedBy: this.claims.workerId,
      attempt: delivery.attempts,
      startedAt,
      durationMs,
      httpStatus,
      errorCode,
      responseBody,
    }
    await this.writer.store(outcome)
    return settlement.nextAttemptAt
  }
}
