/**
 * Whether a host is named by an exact host or by `*.suffix` (any depth below the suffix, never the suffix itself).
 * Both sides are lower-case ASCII without a trailing dot (webhooks contract section 4).
 */
export function matchesHostPattern(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host.length >= pattern.length : host === pattern
}
