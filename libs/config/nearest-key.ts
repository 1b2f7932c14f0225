/** The number of letters that two names may differ by and still count as a misspelling (webhooks contract 4). */
export const MISSPELLING = 2

/** A known name and how many letters away it is. */
export interface NearestKey {
  readonly key: string
  readonly distance: number
}

/** The known name that is the fewest letters away, case aside; null when none is known. */
export function nearestKey(name: string, known: Iterable<string>): NearestKey | null {
  let nearest: NearestKey | null = null
  for (const key of known) {
    const distance = editDistance(name.toLowerCase(), key.toLowerCase())
    if (nearest === null || distance < nearest.distance) nearest = { key, distance }
  }
  return nearest
}

/** Levenshtein distance: letters to insert, remove or replace. */
export function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = previous[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1))
    }
    previous = current
  }
  return previous[to.length]!
}
