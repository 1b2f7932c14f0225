import { CronFields } from './cron-fields.js'
import { ZoneTime } from './zone-time.js'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** The zone of a cron that names none. */
const DEFAULT_ZONE = 'UTC'

/** The time zone database has no such zone. */
export class UnknownZoneError extends Error {
  constructor(readonly zone: string) {
    super('is not a time zone of the IANA database')
  }
}

/**
 * When a cron fires (contract 8.1 and 8.7). A local time that a change of the clocks skips fires right after the gap,
 * once, however many were skipped. One that comes twice fires the first time; but a schedule of every hour (`*`) goes on
 * through both: every ten minutes stays every ten minutes.
 */
export class CronSchedule {
  readonly #fields: CronFields
  readonly #zone: ZoneTime

  /** @throws CronFieldsError, UnknownZoneError. */
  constructor(schedule: string, timezone: string | null) {
    this.#fields = new CronFields(schedule)
    const name = timezone ?? DEFAULT_ZONE
    const zone = ZoneTime.of(name)
    if (zone === null) throw new UnknownZoneError(name)
    this.#zone = zone
  }

  /** The first firing strictly after this time; null when there is none in eight years. */
  nextAfter(time: Date): Date | null {
    const after = time.getTime()
    const next = this.#fields.isEveryHour ? this.#nextByClock(after) : this.#nextFirst(after)
    return next === null ? null : new Date(next)
  }

  /** Every local time counts once: the first time. */
  #nextFirst(after: number): number | null {
    let wall = this.#fields.nextWall(this.#zone.wallAt(after))
    while (wall !== null) {
      const instant = this.#zone.firstInstant(wall)
      if (instant > after) return instant
      // It was its turn before the clocks went back: on to the next minute, since none of this one is to come.
      wall = this.#fields.nextWall(Math.floor(wall / MINUTE_MS) * MINUTE_MS + MINUTE_MS - SECOND_MS)
    }
    return null
  }

  /** Every local time counts as often as it comes. */
  #nextByClock(after: number): number | null {
    const offset = this.#zone.offsetAt(after)
    const wall = this.#fields.nextWall(after + offset)
    // A day is looked at, also where the next match is further off: clocks that go back may bring one that has been.
    const near = after + DAY_MS
    const instant = wall === null ? Infinity : wall - offset
    const horizon = Math.min(instant, near)
    if (this.#zone.offsetAt(horizon) !== offset)
      return this.#nextOverChange(this.#zone.changeWithin(after, horizon), wall)
    return wall === null || instant <= near ? wall && instant : this.#zone.firstInstant(wall)
  }

  /** The same where the offset changes before `wall`, the next match by the offset until then. */
  #nextOverChange(change: number, wall: number | null): number | null {
    const skippedFrom = this.#zone.wallAt(change - 1) + 1
    const goesOnFrom = this.#zone.wallAt(change)
    if (wall !== null && wall < goesOnFrom) return change
    const next = this.#fields.nextWall(goesOnFrom - SECOND_MS)
    if (next === null) return null
    const isSecondTime = next < skippedFrom
    return isSecondTime ? change + (next - goesOnFrom) : this.#zone.firstInstant(next)
  }
}
