/** Why an attempt did not succeed (webhooks contract section 5). */
export type AttemptErrorCode =
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'tls'
  | 'timeout'
  | 'protocol'
  | 'transport'
  /** `SIGNALBOX_WEBHOOK_PROXY` gave no connection. */
  | 'proxy'
  /** The target's resolved address is not allowed. */
  | 'blocked'
  /** The text rules refuse the target by now. */
  | 'forbidden'
  | 'status'
  | 'redirect'
  /** The receiver asked for no more by `webhook-delivery: abort-message`. */
  | 'abort_message'

/** What one HTTP try gave: a status, or the code of what went wrong before there was one. */
export interface AttemptResult {
  readonly startedAt: Date
  readonly durationMs: number
  readonly httpStatus: number | null
  /** Null when the attempt succeeded. */
  readonly errorCode: AttemptErrorCode | null
  /** The first 4 KiB of the answer as storable text. */
  readonly responseBody: string | null
  /** `Retry-After` of a 429 or 503. */
  readonly retryAfter: string | null
  /** Why the target was refused: for administrators only. Absent when it was not. */
  readonly refusal?: string
}
