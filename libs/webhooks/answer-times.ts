import { RecentMap } from '#kernel'

/** A host that answers within this on the average, in ms, is quick. */
const QUICK_MS = 50

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

  /** Counts an answer, or the time until there was none. */
  note(host: string, tookMs: number): void {
    const last = this.#averages.get(host) ?? tookMs
    this.#averages.set(host, last + WEIGHT * (tookMs - last))
  }
}
