import { MAX_THREAD_TTL_MINUTES, THREAD_TTL_STRATEGIES, type ThreadTtl } from '#config'
import { invalidRequest, isJsonObject } from '#kernel'

const MINUTE_MS = 60_000

/** When a lifetime that begins now is over. */
export function expiryOf({ minutes }: ThreadTtl, now: Date): Date {
  return new Date(now.getTime() + minutes * MINUTE_MS)
}

/**
 * Reads `ttl` of a body (contract 4.1): minutes, or an object of minutes and strategy. Null is absent.
 * @throws AppError `invalid_request`.
 */
export function parseTtl(given: unknown): ThreadTtl | null {
  if (given === null || given === undefined) return null
  if (!isJsonObject(given)) return { strategy: 'delete', minutes: minutesOf(given, 'ttl') }
  return { strategy: strategyOf(given['strategy']), minutes: minutesOf(given['ttl'], 'ttl.ttl') }
}

function minutesOf(given: unknown, path: string): number {
  if (typeof given === 'number' && given > 0 && given <= MAX_THREAD_TTL_MINUTES) return given
  throw invalidRequest(`${path}: must be a number of minutes above 0, at most ${MAX_THREAD_TTL_MINUTES}`)
}

function strategyOf(given: unknown): ThreadTtl['strategy'] {
  const strategy = THREAD_TTL_STRATEGIES.find((known) => known === (given ?? 'delete'))
  if (strategy === undefined) {
    throw invalidRequest(`ttl.strategy: must be one of the following values: ${THREAD_TTL_STRATEGIES.join(', ')}`)
  }
  return strategy
}
