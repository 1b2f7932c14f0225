/** How long the receiver asks us to wait, in ms from `now`: seconds or an HTTP date; null when it says neither. */
export function parseRetryAfter(value: string, now: Date): number | null {
  const text = value.trim()
  if (/^\d+$/.test(text)) return Number(text) * 1000
  // A date of RFC 9110 begins with the day's name; Date.parse alone would take far more than that.
  const at = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime())
}
