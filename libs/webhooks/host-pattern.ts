/**
 * Whether a host is named by an exact host or by `*.suffix` (any depth below the suffix, never the suffix itself).
 * Both sides are lower-case ASCII without a trailing dot (webhooks contract section 4); a pattern writes an IPv6
 * address in brackets, the host without them.
 */
export function matchesHostPattern(pattern: string, host: string): boolean {
  const name = host.includes(':') ? `[${host}]` : host
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) && name.length >= pattern.length : name === pattern
}
