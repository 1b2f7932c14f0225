import type { Random } from '#kernel'
import type { AttemptErrorCode, AttemptResult } from './attempt-result.js'
import { parseRetryAfter } from './retry-after.js'

/** What follows from an attempt: done, the whole schedule, three attempts in all, or no further one. */
export type OutcomeClass = 'success' | 'retry' | 'limited' | 'final'

/** What a delivery becomes after an attempt. */
export type Settlement =
  | { readonly status: 'delivered' | 'dead'; readonly nextAttemptAt: null }
  | { readonly status: 'pending'; readonly nextAttemptAt: Date }

/** How far a delivery is. */
export interface DeliveryProgress {
  /** Attempts since it was queued or queued again, this one counted. */
  readonly cycleAttempts: number
  /** No attempt begins after this. */
  readonly giveUpAt: Date
}

const LIMITED_ATTEMPTS = 3
const JITTER = 0.2
const HOUR_MS = 3_600_000
const LONGEST_RETRY_AFTER_MS = 24 * HOUR_MS
const GRACE_AFTER_SCHEDULE_MS = 24 * HOUR_MS

/** Statuses besides 3xx and 5xx that a later attempt may well change. */
const RETRIED_STATUSES = new Set([408, 409, 425, 429])

/** The error code of an HTTP answer; null for a success. `abortMessage`: the receiver sent that header. */
export function errorCodeOfStatus(status: number, abortMessage: boolean): AttemptErrorCode | null {
  if (status >= 200 && status < 300) return null
  if (abortMessage) return 'abort_message'
  return status >= 300 && status < 400 ? 'redirect' : 'status'
}

/** Sorts an attempt by the table of webhooks contract section 5. */
export function classifyOutcome({
  errorCode,
  httpStatus,
  isFinal,
}: Pick<AttemptResult, 'errorCode' | 'httpStatus' | 'isFinal'>): OutcomeClass {
  if (errorCode === null) return 'success'
  if (isFinal || errorCode === 'abort_message' || httpStatus === 410) return 'final'
  if (errorCode === 'blocked') return 'limited'
  if (httpStatus === null || httpStatus >= 500 || errorCode === 'redirect') return 'retry'
  return RETRIED_STATUSES.has(httpStatus) ? 'retry' : 'limited'
}

/** What the delivery becomes, at `now`, after this attempt. */
export function settleAttempt(
  result: AttemptResult,
  progress: DeliveryProgress,
  scheduleMs: readonly number[],
  now: Date,
  random: Random,
): Settlement {
  const outcome = classifyOutcome(result)
  if (outcome === 'success') return { status: 'delivered', nextAttemptAt: null }
  const delayMs = outcome === 'final' ? undefined : scheduleMs[progress.cycleAttempts - 1]
  if (delayMs === undefined) return DEAD
  if (outcome === 'limited' && progress.cycleAttempts >= LIMITED_ATTEMPTS) return DEAD
  const waitMs = Math.max(jitter(delayMs, random), retryAfterMs(result, now))
  const nextAttemptAt = new Date(now.getTime() + waitMs)
  return nextAttemptAt > progress.giveUpAt ? DEAD : { status: 'pending', nextAttemptAt }
}

const DEAD: Settlement = { status: 'dead', nextAttemptAt: null }

/** The last moment of a delivery queued at `queuedAt`: 24 h after its schedule's end. */
export function giveUpTime(queuedAt: Date, scheduleMs: readonly number[]): Date {
  const wholeMs = scheduleMs.reduce((sum, delay) => sum + delay, 0)
  return new Date(queuedAt.getTime() + wholeMs + GRACE_AFTER_SCHEDULE_MS)
}

function jitter(delayMs: number, random: Random): number {
  return Math.round(delayMs * (1 - JITTER + 2 * JITTER * random.next()))
}

function retryAfterMs(result: AttemptResult, now: Date): number {
  if (result.retryAfter === null || (result.httpStatus !== 429 && result.httpStatus !== 503)) return 0
  return Math.min(parseRetryAfter(result.retryAfter, now) ?? 0, LONGEST_RETRY_AFTER_MS)
}
