import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { Clock, Logger, PACKAGE_VERSION } from '#kernel'
import { AnswerText } from './answer-text.js'
import type { AttemptErrorCode, AttemptResult } from './attempt-result.js'
import type { Sendable } from './claimed-delivery.js'
import { HttpPost, type PostAnswer } from './http-post.js'
import { LoopbackTarget } from './loopback-target.js'
import type { Refusal, RefusalPoint } from './refusals.js'
import { buildRequestHeaders } from './request-headers.js'
import { errorCodeOfStatus } from './retry-policy.js'
import { keysForHost } from './signature.js'
import { transportErrorCode } from './transport-error.js'
import { untilAborted } from './until-aborted.js'
import type { UrlTarget, WebhookTarget } from './url-text-policy.js'
import { WebhookUrlGuard } from './webhook-url-guard.js'

/** Only a fault of ours, or of the system's, leads there: the names and addresses were judged before. */
const UNJUDGED = { rule: 'not_public', reason: 'a socket led to an address that was not judged' } as const

/** An answer, or why there is none. */
interface FailedExchange {
  readonly failed: AttemptErrorCode
  readonly reason?: string
  readonly isFinal?: true
}

type Exchange = PostAnswer | FailedExchange

/** Makes one attempt: judges the target afresh, signs, sends, and says what came of it. */
@Injectable()
export class WebhookSender {
  readonly #answers: AnswerText

  constructor(
    private readonly settings: Settings,
    private readonly guard: WebhookUrlGuard,
    private readonly post: HttpPost,
    private readonly loopback: LoopbackTarget,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.#answers = new AnswerText(settings.webhooks.headers.flatMap(({ filled }) => filled))
  }

  /** Never throws. Null when `stop` aborted before there was an answer: the attempt does not count. */
  async send(delivery: Sendable, stop: AbortSignal): Promise<AttemptResult | null> {
    const startedAt = this.clock.now()
    const cut = new AbortController()
    const abort = () => cut.abort()
    const deadline = this.clock.after(this.settings.webhooks.timeoutMs, abort)
    stop.addEventListener('abort', abort, { once: true })
    try {
      return this.#result(startedAt, await this.#exchange(delivery, cut.signal))
    } catch (err) {
      if (stop.aborted) return null
      const code = cut.signal.aborted ? 'timeout' : transportErrorCode(err)
      if (code === 'transport') this.logger.warn({ err, deliveryId: delivery.deliveryId }, 'webhook attempt failed')
      return this.#result(
        startedAt,
        code === 'blocked' ? this.#refused(delivery, 'socket', UNJUDGED) : { failed: code },
      )
    } finally {
      deadline.cancel()
      stop.removeEventListener('abort', abort)
    }
  }

  /** Ends kept-alive connections. */
  close(): void {
    this.post.close()
  }

  async #exchange(delivery: Sendable, signal: AbortSignal): Promise<Exchange> {
    const judgement = this.guard.judge(delivery.url)
    if (!judgement.ok) return { ...this.#refused(delivery, 'attempt', judgement), isFinal: true }
    const { target } = judgement
    if (target.kind === 'url') return this.#toUrl(delivery, target, signal)
    return this.loopback.post(target.path, this.#headers(delivery, target), delivery.body, signal)
  }

  async #toUrl(delivery: Sendable, target: UrlTarget, signal: AbortSignal): Promise<Exchange> {
    const resolving = this.guard.resolveTarget(target)
    const resolved = await (target.isLiteral ? resolving : untilAborted(resolving, signal))
    if (!resolved.ok) return this.#refused(delivery, 'attempt', { ...resolved, rule: 'not_public' })
    const { addresses } = resolved
    const headers = this.#headers(delivery, target)
    return this.post.send({ target, addresses, headers, body: delivery.body, signal })
  }

  #refused(
    { deliveryId }: Sendable,
    point: RefusalPoint,
    { rule, reason }: Pick<Refusal, 'rule' | 'reason'>,
  ): FailedExchange {
    this.guard.tell({ point, rule, reason, deliveryId })
    return { failed: 'blocked', reason }
  }

  #headers(delivery: Sendable, target: WebhookTarget): Record<string, string> {
    const { secrets, headers } = this.settings.webhooks
    const timestamp = String(Math.floor(this.clock.now().getTime() / 1000))
    return buildRequestHeaders({
      content: { id: delivery.deliveryId, timestamp, body: delivery.body },
      attempt: delivery.attempts,
      threadStatus: delivery.threadStatus,
      keys: keysForHost(target.kind === 'url' ? target.host : null, secrets),
      configured: headers,
      version: PACKAGE_VERSION,
    })
  }

  #result(startedAt: Date, exchange: Exchange): AttemptResult {
    const durationMs = this.clock.now().getTime() - startedAt.getTime()
    if ('failed' in exchange) {
      return {
        startedAt,
        durationMs,
        httpStatus: null,
        errorCode: exchange.failed,
        responseBody: null,
        retryAfter: null,
        reason: exchange.reason ?? null,
        isFinal: exchange.isFinal === true,
      }
    }
    const { status, headers, body } = exchange
    return {
      startedAt,
      durationMs,
      httpStatus: status,
      errorCode: errorCodeOfStatus(status, asksForNoMore(headers['webhook-delivery'])),
      responseBody: this.#answers.of(body),
      retryAfter: headers['retry-after'] ?? null,
      reason: null,
      isFinal: false,
    }
  }
}

/** Whether the header, or one of several of that name, says so. */
function asksForNoMore(header: string | undefined): boolean {
  return (header ?? '').split(',').some((value) => value.trim().toLowerCase() === 'abort-message')
}
