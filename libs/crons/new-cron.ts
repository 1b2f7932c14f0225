import type { Caller } from '#auth'
import { newId } from '#kernel'
import { newPayload } from './cron-payload.js'
import type { CronData } from './cron.entity.js'
import type { CronRequest } from './dto/create-cron.dto.js'
import { nextOccurrence } from './firing-policy.js'
import { readEndTime, readSchedule } from './read-schedule.js'

/**
 * The row of a new cron, whose assistant is still as the request names it.
 * @throws AppError `invalid_cron_schedule`, `invalid_request` naming the field.
 */
export function newCron(
  threadId: string | null,
  request: CronRequest,
  { creator, now }: { readonly creator: Caller | null; readonly now: Date },
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
    userId: creator?.identity ?? null,
    creator: creator?.user ?? null,
    createdAt: now,
    updatedAt: now,
  }
}
