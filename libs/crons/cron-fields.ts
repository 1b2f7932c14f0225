import { CronTime } from 'cron'

/** Longer ones are mistakes; bounds the time that reading takes. */
const MAX_LENGTH = 256

/** What the library says when it stops to look, eight years from now. All else that it throws is a fault. */
const NO_DATE = 'No execution date was found'

const MONTHS = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec'
const DAYS = 'sun|mon|tue|wed|thu|fri|sat'

const NUMBERS = fieldPattern('\\d{1,2}')

/** The fields in the order in which they are written; `second` may be missing. */
const FIELDS: readonly (readonly [name: string, pattern: RegExp, least: number, most: number])[] = [
  ['minute', NUMBERS, 0, 59],
  ['hour', NUMBERS, 0, 23],
  ['day of month', NUMBERS, 1, 31],
  ['month', fieldPattern(`\\d{1,2}|${MONTHS}`), 1, 12],
  ['day of week', fieldPattern(`\\d|${DAYS}`), 0, 7],
  ['second', NUMBERS, 0, 59],
]

/** A schedule that cannot be; the message says why, for people. */
export class CronFieldsError extends Error {}

/** The fields of a schedule: five, or six with the seconds last (contract 8.1). Knows nothing of zones. */
export class CronFields {
  readonly #time: CronTime
  /** Whether the schedule names no hours: it goes on by the clock. */
  readonly isEveryHour: boolean

  /** @throws CronFieldsError for a text that is no schedule. */
  constructor(text: string) {
    const fields = readFields(text)
    this.isEveryHour = /^(\*|0-23)(\/1)?$/.test(fields[1] ?? '')
    this.#time = toCronTime(fields)
  }

  /** The first match after a wall time, as a wall time; null when there is none in eight years. */
  nextWall(wall: number): number | null {
    try {
      return this.#time.getNextDateFrom(new Date(wall), 'UTC').toMillis()
    } catch (error) {
      if (error instanceof Error && error.message.includes(NO_DATE)) return null
      throw error
    }
  }
}

function readFields(text: string): string[] {
  const fields = text.length > MAX_LENGTH ? [] : text.trim().toLowerCase().split(/\s+/)
  if (fields.length !== 5 && fields.length !== 6) {
    throw new CronFieldsError('must have 5 fields (minute, hour, day of month, month, day of week), or 6, seconds last')
  }
  for (const [index, field] of fields.entries()) {
    const [name, pattern, least, most] = FIELDS[index]!
    if (!field.split(',').every((item) => pattern.test(item)))
      throw new CronFieldsError(`${name} "${field}" is not valid`)
    const beyond = valuesOf(field).find((value) => Number(value) < least || Number(value) > most)
    if (beyond !== undefined) throw new CronFieldsError(`${name}: ${beyond} is out of range ${least}-${most}`)
  }
  return fields
}

/** The numbers and names of a field, without its steps. */
function valuesOf(field: string): string[] {
  return field.replaceAll(/\/\d+/g, '').split(/[,-]/)
}

/** The library has the seconds first, and the end of a range that names Sunday is its seventh day. */
function toCronTime([minute, hour, dayOfMonth, month, dayOfWeek = '', second = '0']: string[]): CronTime {
  const days = dayOfWeek.replaceAll('-sun', '-7')
  try {
    return new CronTime([second, minute, hour, dayOfMonth, month, days].join(' '), 'UTC')
  } catch (error) {
    throw new CronFieldsError(error instanceof Error ? error.message : String(error))
  }
}

/** `*`, a value or a range, each with a step or without. */
function fieldPattern(value: string): RegExp {
  return new RegExp(`^(\\*|(${value})(-(${value}))?)(/\\d{1,2})?$`)
}
