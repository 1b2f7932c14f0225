import { Injectable, type OnModuleInit } from '@nestjs/common'
import { Settings } from '#config'
import type { Transaction } from '#database'
import { EventBus, type RunFinished } from '#events'
import { Clock, Logger, newId, storableText } from '#kernel'
import { giveUpTime } from './retry-policy.js'
import { buildWebhookBody } from './webhook-body.js'
import { WebhookUrlGuard } from './webhook-url-guard.js'
import { WebhooksRepository } from './webhooks.repository.js'

/** Writes the delivery of a run in the very transaction that ends it: neither is ever stored without the other. */
@Injectable()
export class WebhookOutbox implements OnModuleInit {
  constructor(
    private readonly bus: EventBus,
    private readonly settings: Settings,
    private readonly repository: WebhooksRepository,
    private readonly guard: WebhookUrlGuard,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.bus.inTransaction('run.finished', 'webhooks.outbox', (tx, event) => this.#store(tx, event))
  }

  async #store(tx: Transaction, event: RunFinished): Promise<void> {
    const { webhook, run } = event
    const { disabled, retryScheduleMs } = this.settings.webhooks
    if (webhook === null || disabled) return
    const now = this.clock.now()
    const body = this.#build(event, now)
    const deliveryId = newId()
    const hostKey = this.#hostKey(webhook)
    this.repository.insert(tx, {
      ...fromEvent(event),
      ...(body ? DUE : UNSERIALISABLE),
      deliveryId,
      url: storableText(webhook),
      hostKey,
      body,
      createdAt: now,
      giveUpAt: giveUpTime(now, retryScheduleMs),
      nextAttemptAt: body ? now : null,
      settledAt: body ? null : now,
    })
    if (body) await this.bus.publish(tx, 'webhook.queued', { deliveryId })
    else await this.bus.publish(tx, 'webhook.died', { deliveryId, runId: run.run_id, hostKey, ...UNBUILT })
  }

  /** Null when there is no body to be had: the run ends all the same. */
  #build(event: RunFinished, now: Date): Buffer | null {
    try {
      return buildWebhookBody(event, now, this.settings.webhooks.maxBodyBytes)
    } catch (err) {
      this.logger.error({ err, runId: event.run.run_id }, 'the webhook body of a run cannot be built')
      return null
    }
  }

  /** A webhook that the rules refuse by now is stored as well: its first attempt says so. */
  #hostKey(webhook: string): string {
    const judgement = this.guard.judge(webhook)
    return judgement.ok ? judgement.target.hostKey : REFUSED_HOST_KEY
  }
}

const DUE = { status: 'pending', lastErrorCode: null } as const
const UNBUILT = { errorCode: 'unserialisable', httpStatus: null, attempts: 0 } as const
const UNSERIALISABLE = { status: 'dead', lastErrorCode: 'unserialisable' } as const
const REFUSED_HOST_KEY = 'refused'

function fromEvent({ run, status, threadStatus, endedAt }: RunFinished) {
  const { run_id: runId, thread_id: threadId, assistant_id: assistantId } = run
  return { runId, threadId, assistantId, runStatus: status, threadStatus, runEndedAt: endedAt }
}
