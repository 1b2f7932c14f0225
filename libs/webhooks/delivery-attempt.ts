import { Injectable } from '@nestjs/common'
import { storableText } from '#kernel'
import type { AttemptResult } from './attempt-result.js'
import { AttemptWatch } from './attempt-watch.js'
import { ClaimKeeper } from './claim-keeper.js'
import type { AttemptOutcome, ClaimedDelivery } from './claimed-delivery.js'
import { HostBreakers } from './host-breakers.js'
import { OutcomeWriter } from './outcome-writer.js'
import { RetryPlanner } from './retry-planner.js'
import { WebhookSender } from './webhook-sender.js'

/** One claimed delivery from the request to the stored outcome. */
@Injectable()
export class DeliveryAttempt {
  constructor(
    private readonly sender: WebhookSender,
    private readonly writer: OutcomeWriter,
    private readonly claims: ClaimKeeper,
    private readonly breakers: HostBreakers,
    private readonly planner: RetryPlanner,
    private readonly watch: AttemptWatch,
  ) {}

  /**
   * Sends and stores; `answered` is called between the two. Answers when something of the host is due next by this
   * attempt, null when nothing is. When `stop` aborts the request, the claim is handed back.
   */
  async run(delivery: ClaimedDelivery, stop: AbortSignal, answered: () => void): Promise<Date | null> {
    try {
      const body = delivery.body ?? (await this.claims.readBody(delivery))
      const result = await this.sender.send({ ...delivery, body }, stop)
      const change = this.breakers.judge(delivery, result)
      answered()
      if (result) this.watch.attempted(delivery, result)
      const nextAttemptAt = result ? await this.#store(delivery, result) : await this.#handBack(delivery)
      return earlier(nextAttemptAt, await this.breakers.store(change))
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
    const { startedAt, durationMs, httpStatus, errorCode, responseBody, reason } = result
    const settlement = this.planner.settle(result, delivery)
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
      reason: reason === null ? null : storableText(reason),
    }
    await this.writer.store(outcome)
    return settlement.nextAttemptAt
  }

  async #handBack(delivery: ClaimedDelivery): Promise<null> {
    await this.claims.handBack([delivery])
    return null
  }
}

function earlier(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other
  return one < other ? one : other
}
