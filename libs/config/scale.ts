/** What a process does: everything, answering requests alone, or executing runs, crons and webhooks alone. */
export const PROCESS_ROLES = ['all', 'api', 'worker'] as const

/** One of them. */
export type ProcessRole = (typeof PROCESS_ROLES)[number]

/** Redis, which carries live events between processes. `uri` is a secret. */
export interface RedisSettings {
  readonly uri: string
}

/**
 * Whether no other process may be at work on the same database: several need Redis, which tells them of live events. Where
 * one is alone, what it does not know has not happened.
 */
export function isAlone({ redis }: { readonly redis: RedisSettings | null }): boolean {
  return redis === null
}
