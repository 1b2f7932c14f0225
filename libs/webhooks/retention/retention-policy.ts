const DAY_MS = 24 * 3_600_000
const SETTLED_BODY_MS = 7 * DAY_MS
const DEAD_BODY_MS = 30 * DAY_MS

/** What settled before these times is no longer kept. */
export interface RetentionCutoffs {
  /** Bodies of what was delivered or cancelled. */
  readonly settledBodies: Date
  /** Bodies of what is dead: they can be sent again for longer. */
  readonly deadBodies: Date
  /** Deliveries with their attempts. */
  readonly rows: Date
}

/** Webhooks contract section 5, «retention»; no body is kept longer than its delivery, which is kept `retentionMs`. */
export function retentionCutoffs(now: Date, retentionMs: number): RetentionCutoffs {
  const before = (ms: number) => new Date(now.getTime() - Math.min(ms, retentionMs))
  return { settledBodies: before(SETTLED_BODY_MS), deadBodies: before(DEAD_BODY_MS), rows: before(retentionMs) }
}
