/** What a process does: everything, answering requests alone, or executing runs, crons and webhooks alone. */
export const PROCESS_ROLES = ['all', 'api', 'worker'] as const

/** One of them. */
export type ProcessRole = (typeof PROCESS_ROLES)[number]

/** Redis, which carries live events between processes. `uri` is a secret. */
export interface RedisSettings {
  readonly uri: string
}
