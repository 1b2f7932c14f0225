import type { Occurrence } from './due-crons.repository.js'

const FIRST_MS = 1_000
const LONGEST_MS = 60_000

interface Failed extends Occurrence {
  readonly waitMs: number
  readonly retryAt: number
}

/** Occurrences that could not be fired: each is tried again after 1 s, then after twice as long, up to a minute. */
export class FailedFirings {
  readonly #failed = new Map<string, Failed>()

  /** `limit`: how many crons are known at most. */
  constructor(private readonly limit: number) {}

  get size(): number {
    return this.#failed.size
  }

  /** It failed at `now`. False when there is no room: then it is nobody's but the caller's. */
  note({ cronId, dueAt }: Occurrence, now: Date): boolean {
    const before = this.#failed.get(cronId)
    if (!before && this.#failed.size >= this.limit) return false
    const isSame = before?.dueAt.getTime() === dueAt.getTime()
    const waitMs = isSame ? Math.min(2 * before.waitMs, LONGEST_MS) : FIRST_MS
    this.#failed.set(cronId, { cronId, dueAt, waitMs, retryAt: now.getTime() + waitMs })
    return true
  }

  /** It was dealt with. */
  forget({ cronId }: Occurrence): void {
    this.#failed.delete(cronId)
  }

  /** Those whose time has not come yet. Forgets those that nobody has tried again: they were changed or are gone. */
  waiting(now: Date): Failed[] {
    for (const { cronId, retryAt } of this.#failed.values()) {
      if (retryAt + LONGEST_MS < now.getTime()) this.#failed.delete(cronId)
    }
    return [...this.#failed.values()].filter(({ retryAt }) => retryAt > now.getTime())
  }
}
