/** How a bin is told to answer by the query of the request itself. */
export interface StagedAnswer {
  readonly status: number
  readonly delayMs: number
}

const LONGEST_DELAY_MS = 30_000

/** Reads `?status=503&delay=2s` (delay also in `ms`, at most 30 s). Answers what is wrong with it as a sentence. */
export function parseStagedAnswer(query: string): StagedAnswer | string {
  const parameters = new URLSearchParams(query)
  const status = parameters.get('status') ?? '200'
  const delay = parameters.get('delay') ?? '0s'
  const [, amount = '', unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(delay) ?? []
  const delayMs = unit === undefined ? Number.NaN : Number(amount) * (unit === 's' ? 1000 : 1)
  if (!/^[2-5]\d\d$/.test(status)) return 'status: must be a number from 200 to 599'
  if (!(delayMs <= LONGEST_DELAY_MS)) return 'delay: must be a time like 2s or 500ms, at most 30s'
  return { status: Number(status), delayMs }
}
