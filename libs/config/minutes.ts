import { type Block, numberOf } from './block.js'
import type { Findings, Place } from './findings.js'

/** Reads a number of minutes above 0 under a key; undefined when there is none, or, with a fault, when it is no such. */
export function readMinutes(
  block: Block,
  key: string,
  maxMinutes: number,
  place: Place,
  findings: Findings,
): number | undefined {
  const minutes = numberOf(block, key)
  if (minutes === undefined || (minutes > 0 && minutes <= maxMinutes)) return minutes
  const problem = `must be a number of minutes above 0, at most ${maxMinutes}`
  findings.fault(place.child(key), problem, 'Write it without quotes.')
  return undefined
}
