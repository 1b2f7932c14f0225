import { parseBooleanQuery, parseIntegerQuery, type QueryValue } from '#http'

/** Deeper than any graph that a person nests. */
const MAX_DEPTH = 1000

/**
 * Reads `xray` (contract 3.10): a number is how many levels of subgraphs are drawn, `true` draws all.
 * @throws AppError `invalid_request`.
 */
export function parseXray(value: QueryValue): boolean | number {
  const last = typeof value === 'string' ? value : value?.at(-1)
  if (last !== undefined && /^\s*[-+]?\d/.test(last)) {
    return parseIntegerQuery(last, 'xray', { min: 0, max: MAX_DEPTH }) ?? false
  }
  return parseBooleanQuery(value, 'xray') ?? false
}
