import { CronTime } from 'cron'

/** Longer ones are mistakes; bounds the time that reading takes. */
const MAX_LENGTH = 256

/** The end of a range that names Sunday is the week's, its beginning is the next one's. */
const SUNDAY_AS_END = 7

/** What the library says when it stops to look, eight years from now. All else that it throws is a fault. */
const NO_DATE = 'No execution date was found'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** One field of a schedule. */
interface Field {
  readonly name: string
  readonly pattern: RegExp
  readonly least: number
  readonly most: number
  /** What its values may be called, from the least one on. */
  readonly names: readonly string[]
}

/** The fields in the order in which they are written; `second` may be missing. */
const FIELDS: readonly Field[] = [
  fieldOf('minute', 0, 59),
  fieldOf('hour', 0, 23),
  fieldOf('day of month', 1, 31),
  fieldOf('month', 1, 12, MONTHS),
  fieldOf('day of week', 0, 7, DAYS),
  fieldOf('second', 0, 59),
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
  if (text.length > MAX_LENGTH) throw new CronFieldsError(`must have ${MAX_LENGTH} characters at most`)
  const fields = text.trim().toLowerCase().split(/\s+/)
  if (fields.length !== 5 && fields.length !== 6) {
    throw new CronFieldsError('must have 5 fields (minute, hour, day of month, month, day of week), or 6, seconds last')
  }
  for (const [index, text] of fields.entries()) checkField(text, FIELDS[index]!)
  return fields
}

/** @throws CronFieldsError saying what the field takes: the library's own words name no rule. */
function checkField(text: string, field: Field): void {
  const items = text.split(',')
  if (!items.every((item) => field.pattern.test(item)))
    throw new CronFieldsError(`${field.name} "${text}" is not valid; it takes ${allowedIn(field)}`)
  for (const item of items) {
    const fault = faultOf(item, field)
    if (fault !== null) throw new CronFieldsError(`${field.name}: ${fault}`)
  }
}

/** What is wrong with one item of a list; null when nothing is. */
function faultOf(item: string, field: Field): string | null {
  const { least, most } = field
  const [range = '', step] = item.split('/')
  const values = range.split('-')
  const beyond = values.find((value) => Number(value) < least || Number(value) > most)
  if (beyond !== undefined) return `${beyond} is out of range ${least}-${most}`
  if (Number(step) === 0) return `the step of ${item} must be 1 or more`
  if (!endsBeforeItBegins(values, field)) return null
  return `${item} ends before it begins; split it in two, as ${splitRange(values, field)}`
}

function allowedIn({ least, most, names }: Field): string {
  const named = names.length > 0 ? ` or ${names[0]}-${names.at(-1)}` : ''
  return `${least}-${most}${named}, *, lists (a,b), ranges (a-b) and steps (*/n)`
}

function endsBeforeItBegins([from = '', to]: readonly string[], { least, names }: Field): boolean {
  const numberOf = (value: string): number => (names.includes(value) ? names.indexOf(value) + least : Number(value))
  return to !== undefined && numberOf(from) > (to === 'sun' ? SUNDAY_AS_END : numberOf(to))
}

function splitRange([from, to]: readonly string[], { least, most, names }: Field): string {
  return `${from}-${names.at(-1) ?? most},${names[0] ?? least}-${to}`
}

/** The library has the seconds first. Sunday as the end of a range is its seventh day, unless it is its beginning too. */
function toCronTime([minute, hour, dayOfMonth, month, dayOfWeek = '', second = '0']: string[]): CronTime {
  const days = dayOfWeek.replaceAll(/(?<!sun)-sun/g, `-${SUNDAY_AS_END}`)
  try {
    return new CronTime([second, minute, hour, dayOfMonth, month, days].join(' '), 'UTC')
  } catch (error) {
    throw new CronFieldsError(error instanceof Error ? error.message : String(error))
  }
}

/** Of `*`, values and ranges, each with a step or without. */
function fieldOf(name: string, least: number, most: number, names: readonly string[] = []): Field {
  const value = [`\\d{1,${String(most).length}}`, ...names].join('|')
  const pattern = new RegExp(`^(\\*|(${value})(-(${value}))?)(/\\d{1,2})?$`)
  return { name, pattern, least, most, names }
}
