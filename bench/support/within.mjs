// A promise that must come true in time.
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What is promised, or a failure when it takes too long.
 * @template T
 * @param {Promise<T>} promise
 * @param {number} seconds
 * @param {string} what
 * @returns {Promise<T>}
 */
export async function within(promise, seconds, what) {
  const stopped = new AbortController()
  const late = sleep(seconds * 1000, undefined, { signal: stopped.signal }).then(
    () => {
      throw new Error(`${what}: not within ${seconds} s`)
    },
    () => new Promise(() => {}),
  )
  try {
    return await Promise.race([promise, late])
  } finally {
    stopped.abort()
  }
}
