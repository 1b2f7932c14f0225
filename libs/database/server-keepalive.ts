/**
 * How soon the server asks whether the other end of a silent connection is still there, how often once more, and how
 * many times, in s: after a minute it gives up the connection of a machine that has lost its power or its network, with
 * its place among all connections and its locks. By default that takes two hours (PostgreSQL, `tcp_keepalives_idle`).
 */
const KEEPALIVE = { tcp_keepalives_idle: '30', tcp_keepalives_interval: '10', tcp_keepalives_count: '3' }

/** To be selected once on each connection that stays. Without effect where there is no TCP. */
export const SERVER_KEEPALIVE = Object.entries(KEEPALIVE)
  .map(([name, value]) => `set_config('${name}', '${value}', false)`)
  .join(', ')
