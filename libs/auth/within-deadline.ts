import type { Clock } from '#kernel'
import { authFailure, authTimedOut } from './auth.errors.js'

/** How long the project's auth code may take for one answer, in ms. */
export const AUTH_DEADLINE_MS = 10_000

/**
 * What the project's code answers; a later answer goes unheard.
 * @throws AppError `auth_timed_out`, or what the code has thrown (`authFailure`).
 */
export async function withinDeadline(clock: Clock, work: () => unknown): Promise<unknown> {
  let expire = (): void => {}
  const late = new Promise<never>((_resolve, reject) => (expire = () => reject(authTimedOut())))
  const timer = clock.after(AUTH_DEADLINE_MS, expire)
  try {
    return await Promise.race([Promise.resolve().then(work), late])
  } catch (thrown) {
    throw authFailure(thrown)
  } finally {
    timer.cancel()
  }
}
