import { RecentMap } from '#kernel'

/** A host that answers within this on the average, in ms, is quick. */
const QUICK_MS = 50

/** What is claimed ahead for a quick host is what it takes within this, in ms. */
const AHEAD_MS = 100

/** But no more than so many times its open requests. */
const MOST_AHEAD = 24

/** How much the newest answer weighs in the average. */
const WEIGHT = 0.2

/** How many hosts are remembered. */
const MAX_HOSTS = 1_000

/** How long hosts take to answer, as a moving average. */
export class AnswerTimes {
  readonly #averages = new RecentMap<string, number>(MAX_HOSTS)

  /** False for a host that has not answered yet. */
  isQuick(host: string): boolean {
    return (this.#averages.get(host) ?? Infinity) < QUICK_MS
  }

  /** How many times a host's open requests may be claimed ahead: 0 for one that is not quick. */
  aheadOf(host: string): number {
    const average = this.#averages.get(host) ?? Infinity
    return average < QUICK_MS ? Math.min(MOST_AHEAD, Math.floor(AHEAD_MS / average)) : 0
  }

  /** Counts an answer, or the time until there was none. */
  note(host: string, tookMs: number): void {
    const last = this.#averages.get(host) ?? tookMs
    this.#averages.set(host, last + WEIGHT * (tookMs - last))
  }
}
