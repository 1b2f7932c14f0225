/** One slot in so many is kept for hosts that have no request open yet. */
const RESERVED_SHARE = 8

/**
 * Counts open requests, in all and by host, and says who may open one more (webhooks contract section 5, fairness):
 * no host has more than its limit, nor more than its share of all slots; and a few slots wait for hosts that have none
 * open, so that many slow hosts together do not keep out a healthy one.
 */
export class HostSlots {
  readonly #open = new Map<string, number>()
  readonly #reserved: number
  #total = 0

  constructor(
    private readonly limit: number,
    private readonly perHost: number,
  ) {
    this.#reserved = Math.min(perHost, Math.floor(limit / RESERVED_SHARE))
  }

  /** Open requests in all. */
  get total(): number {
    return this.#total
  }

  /** Hosts with an open request. */
  get hosts(): Iterable<string> {
    return this.#open.keys()
  }

  /** Open requests to one host. */
  count(host: string): number {
    return this.#open.get(host) ?? 0
  }

  /** Whether `host` may get one more request while so many hosts have one open or wait for one. */
  admits(host: string, competingHosts: number): boolean {
    const open = this.count(host)
    if (open === 0) return this.#total < this.limit
    return open < this.share(competingHosts) && this.#total < this.limit - this.#reserved
  }

  /** How many one host may have open while so many compete. */
  share(competingHosts: number): number {
    return Math.min(this.perHost, Math.max(1, Math.floor(this.limit / competingHosts)))
  }

  take(host: string): void {
    this.#open.set(host, this.count(host) + 1)
    this.#total += 1
  }

  release(host: string): void {
    const left = this.count(host) - 1
    if (left > 0) this.#open.set(host, left)
    else this.#open.delete(host)
    this.#total -= 1
  }
}
