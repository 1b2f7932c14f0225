import type { AllowedTarget } from '#config'

/** Suffixes of names that belong to a machine, a site or a cluster (webhooks contract section 4). */
const PRIVATE_SUFFIXES = [
  '.localhost',
  '.local',
  '.localdomain',
  '.internal',
  '.home.arpa',
  '.svc',
  '.cluster.local',
] as const

/** Whether a name is known not to be public without asking DNS: a single label (`localhost` too) or such a suffix. */
export function isPrivateName(host: string): boolean {
  return !host.includes('.') || host === 'home.arpa' || PRIVATE_SUFFIXES.some((suffix) => host.endsWith(suffix))
}

/** Whether the allow-list names this very host. */
export function isHostAllowed(host: string, allowed: readonly AllowedTarget[]): boolean {
  return allowed.some((target) => target.kind === 'host' && target.host === host)
}
