/** A host that answers within this on the average, in ms, is quick. */
const QUICK_MS = 50

/** How much the newest answer weighs in the average. */
const WEIGHT = 0.2

/** How many hosts are remembered: the one that has not answered for longest is forgotten first. */
const MAX_HOSTS = 1_000

/** How long hosts take to answer, as a moving average. */
export class AnswerTimes {
  readonly #averages = new Map<string, number>()
  readonly #quick = new Set<string>()

  get quickHosts(): number {
    return this.#quick.size
  }

  /** False for a host that has not answered yet. */
  isQuick(host: string): boolean {
    return this.#quick.has(host)
  }

  /** Counts an answer, or the time until there was none. */
  note(host: string, tookMs: number): void {
    const last = this.#averages.get(host)
    const average = last === undefined ? tookMs : last + WEIGHT * (tookMs - last)
    this.#averages.delete(host)
    this.#averages.set(host, average)
    if (average < QUICK_MS) this.#quick.add(host)
    else this.#quick.delete(host)
    if (this.#averages.size > MAX_HOSTS) this.#forgetOldest()
  }

  #forgetOldest(): void {
    const [oldest = ''] = this.#averages.keys()
    this.#averages.delete(oldest)
    this.#quick.delete(oldest)
  }
}
