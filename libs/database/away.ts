/** Why a socket cannot be had or has gone, by Node's codes. */
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/** SQLSTATE: connection exceptions, a server that stops, starts, has crashed or ends idle ones, and one that is full. */
const AWAY_STATES = /^(08[0-9A-Z]{3}|57P0[1-5]|53300)$/

/** What `pg` and its pool say without a code: of a connection that is lost, cannot be had in time, or is given up. */
const AWAY_MESSAGE = new RegExp(
  [
    '^Connection terminated',
    '^Client has encountered a connection error',
    '^Client was closed and is not queryable',
    '^timeout exceeded when trying to connect',
    '^timeout expired',
    '^Query read timeout',
    '^Cannot use a pool after calling end',
  ].join('|'),
)

/**
 * Whether something that `pg` threw means that the database cannot be asked now, and not that it refuses what it was
 * asked. Only to be used where the error is known to be the database's own: the graph of a user meets sockets too.
 */
export function saysAway(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return thrown.errors.every(saysAway)
  const code: unknown = 'code' in thrown ? thrown.code : undefined
  if (typeof code === 'string') return SOCKET_CODES.has(code) || AWAY_STATES.test(code)
  return AWAY_MESSAGE.test(thrown.message)
}
