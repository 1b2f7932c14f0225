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
  /** The target's resolved address is not allowed, or the text rules refuse the target by now. */
  | 'blocked'
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
  /** `Retry-After` of the answer, which counts for a 429 or 503. */
  readonly retryAfter: string | null
  /** Why the target was refused: for administrators only. Null when it was not. */
  readonly reason: string | null
  /** The target's text is refused: no later attempt would change that. */
  readonly isFinal: boolean
}
