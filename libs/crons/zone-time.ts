import { IANAZone } from 'luxon'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Two days: further than any clock was ever moved at once (a whole day, in Samoa). */
const REACH_MS = 2 * DAY_MS

/**
 * Times of the wall clocks of one zone. A wall time is written as the ms that the same date and time have in UTC, so that
 * it can be counted and compared; an instant is ms since 1970.
 */
export class ZoneTime {
  readonly #zone: IANAZone

  private constructor(name: string) {
    this.#zone = IANAZone.create(name)
  }

  /** Null for a name that the IANA time zone database does not have. */
  static of(name: string): ZoneTime | null {
    // Offsets such as `+02:00`, which Node takes too, are no names.
    return /^[a-z]/i.test(name) && IANAZone.isValidZone(name) ? new ZoneTime(name) : null
  }

  /** What the wall clocks show, less what UTC's show, in ms. */
  offsetAt(instant: number): number {
    return this.#zone.offset(instant) * MINUTE_MS
  }

  /** What the wall clocks show at an instant. */
  wallAt(instant: number): number {
    return instant + this.offsetAt(instant)
  }

  /** When the wall clocks show this: the first time of two; where they never do, the moment they are past it. */
  firstInstant(wall: number): number {
    const offsets = [this.offsetAt(wall - REACH_MS), this.offsetAt(wall + REACH_MS)]
    const instants = offsets.map((offset) => wall - offset).filter((instant) => this.wallAt(instant) === wall)
    return instants.length > 0 ? Math.min(...instants) : this.changeWithin(wall - REACH_MS, wall + REACH_MS)
  }

  /** The instant from which on the offset is another than at `from`; they differ between `from` and `until`. */
  changeWithin(from: number, until: number): number {
    const before = this.offsetAt(from)
    let [low, high] = [from, until]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.offsetAt(middle) === before) low = middle
      else high = middle
    }
    return high
  }
}
