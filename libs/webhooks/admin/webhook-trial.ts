import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import type { RunFinished } from '#events'
import { Clock, invalidRequest, newId } from '#kernel'
import { LoopbackTarget } from '../loopback-target.js'
import { buildWebhookBody } from '../webhook-body.js'
import { WebhookSender } from '../webhook-sender.js'
import { WebhookUrlGuard } from '../webhook-url-guard.js'
import { webhooksAreOff } from './admin.errors.js'
import { toWireAttempt, type WireAttempt } from './delivery-wire.js'

/** The one attempt of a trial. */
export interface WireTrial extends WireAttempt {
  /** The `webhook-id` that was sent. */
  readonly delivery_id: string
}

/** Sends a sample run to a URL, once. Nothing is stored, and the run-time switch does not stand in its way. */
@Injectable()
export class WebhookTrial {
  constructor(
    private readonly settings: Settings,
    private readonly guard: WebhookUrlGuard,
    private readonly loopback: LoopbackTarget,
    private readonly sender: WebhookSender,
    private readonly clock: Clock,
  ) {}

  /**
   * Signed and bounded as every attempt.
   * @throws AppError `invalid_request` with the reason for a URL that is refused; `webhooks_are_off` by the file.
   */
  async send(url: string): Promise<WireTrial> {
    this.#requireAllowed(url)
    if (this.settings.webhooks.disabled) throw webhooksAreOff('file')
    const deliveryId = newId()
    const sendable = { deliveryId, url, threadStatus: 'idle', attempts: 1, body: this.#sample(url) } as const
    const result = await this.sender.send(sendable, new AbortController().signal)
    if (result === null) throw new Error('an attempt that nobody stops was stopped')
    if (result.reason !== null) throw invalidRequest(`url: ${result.reason}`)
    return { delivery_id: deliveryId, ...toWireAttempt({ ...result, attempt: 1 }) }
  }

  #requireAllowed(url: string): void {
    const judgement = this.guard.judge(url)
    if (!judgement.ok) throw invalidRequest(`url: ${judgement.reason}`)
    if (judgement.target.kind === 'path' && !this.loopback.takes(judgement.target.path)) {
      throw invalidRequest('url: this server has no custom routes that could take a path')
    }
  }

  #sample(url: string): Buffer {
    const now = this.clock.now()
    return buildWebhookBody(sampleRun(url, now), now, this.settings.webhooks.maxBodyBytes)
  }
}

/** A run that ended well, as a receiver would get it; its metadata says what it is. */
function sampleRun(webhook: string, now: Date): RunFinished {
  const at = now.toISOString()
  return {
    run: {
      run_id: newId(),
      thread_id: newId(),
      assistant_id: newId(),
      created_at: at,
      updated_at: at,
      metadata: { webhook_test: true },
      status: 'success',
      kwargs: { input: { messages: [{ role: 'user', content: 'Hello' }] }, config: {}, webhook },
      multitask_strategy: 'enqueue',
    },
    status: 'success',
    valuesJson: '{"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":"Hello!"}]}',
    error: null,
    startedAt: now,
    endedAt: now,
    webhook,
    threadStatus: 'idle',
    threadMetadata: {},
  }
}
