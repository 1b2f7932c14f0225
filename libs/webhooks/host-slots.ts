/** Counts open requests, in all and to each host, against their limits. */
export class HostSlots {
  readonly #open = new Map<string, number>()
  #total = 0

  constructor(
    private readonly limit: number,
    private readonly perHost: number,
  ) {}

  /** How many more requests may be opened. */
  get free(): number {
    return this.limit - this.#total
  }

  /** Open requests by host, hosts without one left out. */
  get open(): ReadonlyMap<string, number> {
    return this.#open
  }

  /** Whether some limit keeps further requests back, so that each one that ends may let another begin. */
  get isTight(): boolean {
    return this.free <= 0 || [...this.#open.values()].some((count) => count >= this.perHost)
  }

  take(host: string): void {
    this.#open.set(host, (this.#open.get(host) ?? 0) + 1)
    this.#total += 1
  }

  release(host: string): void {
    const left = (this.#open.get(host) ?? 0) - 1
    if (left > 0) this.#open.set(host, left)
    else this.#open.delete(host)
    this.#total -= 1
  }
}
