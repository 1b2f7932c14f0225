import { startRefused } from '#kernel'

/** There is no connection to Redis now. */
export class RedisAway extends Error {
  constructor() {
    super('there is no connection to Redis')
  }
}

/** Redis did not answer at start. */
export const redisUnreachable = (reason: string) =>
  startRefused(`Redis at REDIS_URI cannot be reached (${reason}). Check the address and that it is running.`)

/** Redis answers, and lets this process not in. */
export const redisRefuses = (reason: string) =>
  startRefused(
    `Redis at REDIS_URI refuses this process (${reason}). Check user, password and the number of the database in it.`,
  )
