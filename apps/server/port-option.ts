/** The number of a `--port`; NaN, which the settings refuse in words, when it is none. */
export function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  return /^\d+$/.test(text) ? Number(text) : Number.NaN
}
