import { changedPayload } from './cron-payload.js'
import type { CronData } from './cron.entity.js'
import type { CronChanges } from './dto/update-cron.dto.js'
import { nextOccurrence, withinEnd } from './firing-policy.js'
import { parseSchedule, readEndTime, readSchedule } from './read-schedule.js'

/**
 * The cron after a change (contract 8.2). A new schedule or zone, and enabling, go on from now; anything else leaves the
 * next occurrence as it is. @throws AppError `invalid_cron_schedule`, `invalid_request` naming the field.
 */
export function changedCron(cron: CronData, changes: CronChanges, now: Date): CronData {
  const enabled = changes.enabled ?? cron.enabled
  const changed: CronData = {
    ...cron,
    schedule: changes.schedule ?? cron.schedule,
    timezone: changes.timezone === undefined ? cron.timezone : changes.timezone,
    endTime: changedEndTime(cron, changes, now),
    enabled,
    disabledReason: enabled ? null : cron.disabledReason,
    onRunCompleted: cron.threadId === null ? (changes.onRunCompleted ?? cron.onRunCompleted) : null,
    payload: changedPayload(cron.payload, changes.payload, cron.cronId),
    metadata: { ...cron.metadata, ...changes.metadata },
    updatedAt: now,
  }
  return { ...changed, nextRunDate: nextRunDate(cron, changed, changes, now) }
}

function changedEndTime(cron: CronData, { endTime }: CronChanges, now: Date): Date | null {
  if (endTime === undefined) return cron.endTime
  return endTime === null ? null : readEndTime(endTime, now)
}

function nextRunDate(before: CronData, after: CronData, changes: CronChanges, now: Date): Date | null {
  const { schedule, timezone, endTime } = after
  if (changes.schedule !== undefined || changes.timezone !== undefined) {
    return nextOccurrence(readSchedule(schedule, timezone, now), now, endTime)
  }
  const isEnabled = after.enabled && !before.enabled
  const known = isEnabled ? null : before.nextRunDate
  return withinEnd(known ?? parseSchedule(schedule, timezone).nextAfter(now), endTime)
}
