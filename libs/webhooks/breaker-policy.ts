import type { AttemptResult } from './attempt-result.js'

/** What an attempt says about its host. `none`: nothing, the request never reached out to it. */
export type HostVerdict = 'failing' | 'answering' | 'none'

/** So many failures in a row open a host's breaker (webhooks contract section 5). */
export const FAILURES_TO_OPEN = 5

const FIRST_PROBE_MS = 1_000
const LONGEST_PROBE_MS = 300_000

/** Answers that tell of a host in trouble, and not of one delivery. */
const TROUBLED = new Set([429, 502, 503, 504])

/** Refusals of our own, and a proxy in the way: they say nothing of the host. */
const NOT_THE_HOST: ReadonlySet<string> = new Set(['blocked', 'proxy'])

/** Sorts an attempt: transport errors, time-outs, 429, 502, 503 and 504 count against the host, any other answer for it. */
export function judgeHost({ httpStatus, errorCode }: Pick<AttemptResult, 'httpStatus' | 'errorCode'>): HostVerdict {
  if (httpStatus !== null) return TROUBLED.has(httpStatus) ? 'failing' : 'answering'
  return errorCode === null || NOT_THE_HOST.has(errorCode) ? 'none' : 'failing'
}

/** The wait before the next probe, in ms, after one of `lastMs`; null: the breaker has just opened. */
export function nextProbeDelay(lastMs: number | null): number {
  return lastMs === null ? FIRST_PROBE_MS : Math.min(2 * lastMs, LONGEST_PROBE_MS)
}
