import { newId } from '#kernel'
import { newPayload } from './cron-payload.js'
import type { CronData } from './cron.entity.js'
import type { CronRequest } from './dto/create-cron.dto.js'
import { nextOccurrence } from './firing-policy.js'
import { readEndTime, readSchedule } from './read-schedule.js'

/** Who makes a cron; its runs are made in this name. */
export interface Creator {
  /** The identity that authentication found; null where nobody is known. */
  readonly userId: string | null
}

/** Whoever makes a cron while requests are not authenticated. */
export const NOBODY: Creator = { userId: null }

/**
 * The row of a new cron, whose assistant is still as the request names it.
 * @throws AppError `invalid_cron_schedule`, `invalid_request` naming the field.
 */
export function newCron(
  threadId: string | null,
  request: CronRequest,
  { creator, now }: { readonly creator: Creator; readonly now: Date },
): CronData {
  const { assistantId, schedule, timezone } = request
  const endTime = request.endTime === null ? null : readEndTime(request.endTime, now)
  const cronId = newId()
  return {
    cronId,
    assistantId,
    threadId,
    schedule,
    timezone,
    endTime,
    nextRunDate: nextOccurrence(readSchedule(schedule, timezone, now), now, endTime),
    enabled: request.enabled,
    disabledReason: null,
    onRunCompleted: threadId === null ? request.onRunCompleted : null,
    payload: newPayload(request.payload, { assistantId, cronId }),
    metadata: request.metadata,
    userId: creator.userId,
    createdAt: now,
    updatedAt: now,
  }
}
