import { lastQueryValue, parseBooleanQuery, parseIntegerQuery, type QueryValue } from '#http'

/** Deeper than any graph that a person nests. */
const MAX_DEPTH = 1000

/**
 * Reads `xray` (contract 3.10): a number is how many levels of subgraphs are drawn, `true` draws all.
 * @throws AppError `invalid_request`.
 */
export function parseXray(value: QueryValue): boolean | number {
  if (/^\s*[-+]?\d/.test(lastQueryValue(value))) {
    return parseIntegerQuery(value, 'xray', { min: 0, max: MAX_DEPTH }) ?? false
  }
  return parseBooleanQuery(value, 'xray') ?? false
}
