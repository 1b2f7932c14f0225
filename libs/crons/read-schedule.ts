import { DateTime } from 'luxon'
import { invalidRequest } from '#kernel'
import { CronFieldsError } from './cron-fields.js'
import { CronSchedule, UnknownZoneError } from './cron-schedule.js'
import { invalidCronSchedule } from './crons.errors.js'

/** As much of a text as a refusal says again. */
const MOST_SHOWN = 256

/** The last year that ISO 8601 writes with four digits: others are not read by every client. */
const LAST_YEAR = 9_999

/** A date, or a date with a time, with or without a zone. */
const TIMESTAMP = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?( ?(Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?))?)?$/i

/**
 * The schedule of a request. @throws AppError `invalid_cron_schedule` naming the field, also for a schedule that never
 * comes.
 */
export function readSchedule(text: string, timezone: string | null, now: Date): CronSchedule {
  const schedule = parseSchedule(text, timezone)
  if (schedule.nextAfter(now) === null) throw refused(text, 'schedule', 'matches no date')
  return schedule
}

/** The schedule of a cron. @throws AppError `invalid_cron_schedule` naming the field. */
export function parseSchedule(text: string, timezone: string | null): CronSchedule {
  try {
    return new CronSchedule(text, timezone)
  } catch (error) {
    if (error instanceof UnknownZoneError) throw refused(text, 'timezone', `"${shown(error.zone)}" ${error.message}`)
    if (error instanceof CronFieldsError) throw refused(text, 'schedule', error.message)
    throw error
  }
}

function refused(schedule: string, field: 'schedule' | 'timezone', why: string): Error {
  return invalidCronSchedule(shown(schedule), `Invalid cron ${field}. ${field}: ${why}`)
}

function shown(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text
}

/** The `end_time` of a request; without a zone it is UTC. @throws AppError `invalid_request` naming the field. */
export function readEndTime(text: string, now: Date): Date {
  const time = DateTime.fromISO(TIMESTAMP.test(text) ? text.replace(' ', 'T').replace(' ', '') : '', { zone: 'utc' })
  if (!time.isValid) throw invalidRequest('end_time: must be an ISO 8601 timestamp')
  if (time.year > LAST_YEAR) throw invalidRequest(`end_time: must be before the year ${LAST_YEAR + 1}`)
  if (time.toMillis() <= now.getTime()) throw invalidRequest('end_time: must be in the future')
  return time.toJSDate()
}
