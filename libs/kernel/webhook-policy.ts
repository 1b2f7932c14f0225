/**
 * Whether a webhook may be stored with a run or a cron. The injection token too: the rooms that take webhooks from
 * callers know this question only, never who answers it (design section 4).
 */
export abstract class WebhookPolicy {
  /** Judges an absolute URL or a path. @throws AppError `webhook_refused` (422) naming the rule that it breaks. */
  abstract check(webhook: string): void
}
