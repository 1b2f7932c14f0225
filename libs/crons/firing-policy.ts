import type { CronSchedule } from './cron-schedule.js'

/** From then on an occurrence counts as missed (contract 8.7). */
const MISSED_AFTER_MS = 60_000

/** What of a cron decides over its due occurrence. */
export interface DueOccurrence {
  readonly dueAt: Date
  readonly endTime: Date | null
}

/** What is done with a due occurrence. */
export interface FiringPlan {
  /** False when the cron has ended meanwhile. */
  readonly fires: boolean
  /** The next occurrence is the first after this. */
  readonly goOnFrom: Date
}

/**
 * An occurrence that is late by less than a minute is fired, and so is the one after it. Of those that were missed for
 * longer one run is made, and the schedule goes on from now (contract 8.7).
 */
export function planFiring({ dueAt, endTime }: DueOccurrence, now: Date): FiringPlan {
  const isMissed = now.getTime() - dueAt.getTime() >= MISSED_AFTER_MS
  const hasEnded = endTime !== null && endTime < (isMissed ? now : dueAt)
  return { fires: !hasEnded, goOnFrom: isMissed ? now : dueAt }
}

/** The next occurrence after a time; null when it would be after the end, or when there is none. */
export function nextOccurrence(schedule: CronSchedule, after: Date, endTime: Date | null): Date | null {
  return withinEnd(schedule.nextAfter(after), endTime)
}

/** The occurrence, unless it is after the end. */
export function withinEnd(occurrence: Date | null, endTime: Date | null): Date | null {
  return occurrence !== null && endTime !== null && occurrence > endTime ? null : occurrence
}
