const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/** The longest duration that is taken: 365 days, in ms. */
const LONGEST_MS = 365 * 24 * 3_600_000

/** How a duration is written, for a fault's remedy. */
export const DURATION_REMEDY = 'Write a number and its unit (ms, s, m, h or d), for example 30s; at most 365 days.'

/** Reads `500ms`, `10s`, `1.5m`, `2h` or `30d` as whole ms; the unit is required. Null when it is none of these. */
export function parseDurationMs(text: string): number | null {
  const [, amount, unit] = DURATION.exec(text.trim()) ?? []
  if (amount === undefined || unit === undefined) return null
  const ms = Math.round(Number(amount) * UNITS_MS[unit]!)
  return ms <= LONGEST_MS ? ms : null
}
