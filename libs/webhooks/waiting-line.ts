import type { ClaimedDelivery } from './claimed-delivery.js'
import type { HostSlots } from './host-slots.js'

/** Claimed deliveries of this process that wait for a slot, oldest first within their host. */
export class WaitingLine {
  readonly #byHost = new Map<string, ClaimedDelivery[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Hosts that wait. */
  get hosts(): Iterable<string> {
    return this.#byHost.keys()
  }

  /** How many of one host wait. */
  count(host: string): number {
    return this.#byHost.get(host)?.length ?? 0
  }

  add(delivery: ClaimedDelivery): void {
    const waiting = this.#byHost.get(delivery.hostKey)
    if (waiting) waiting.push(delivery)
    else this.#byHost.set(delivery.hostKey, [delivery])
    this.#size += 1
  }

  /** Takes out the next that may be sent, of the waiting host with the fewest open; null when none may. */
  next(slots: HostSlots): ClaimedDelivery | null {
    const competing = this.#competing(slots)
    let chosen: string | null = null
    for (const host of this.#byHost.keys()) {
      if (!slots.admits(host, competing)) continue
      if (chosen === null || slots.count(host) < slots.count(chosen)) chosen = host
    }
    return chosen === null ? null : this.#shift(chosen)
  }

  /** Takes out all that wait, or all of one host. */
  drain(host?: string): ClaimedDelivery[] {
    const hosts = host === undefined ? [...this.#byHost.keys()] : [host]
    return hosts.flatMap((each) => {
      const waiting = this.#byHost.get(each) ?? []
      this.#byHost.delete(each)
      this.#size -= waiting.length
      return waiting
    })
  }

  #shift(host: string): ClaimedDelivery | null {
    const waiting = this.#byHost.get(host) ?? []
    const first = waiting.shift() ?? null
    if (waiting.length === 0) this.#byHost.delete(host)
    if (first) this.#size -= 1
    return first
  }

  /** How many hosts have a request open or wait for one. */
  #competing(slots: HostSlots): number {
    let count = this.#byHost.size
    for (const host of slots.hosts) if (!this.#byHost.has(host)) count += 1
    return count
  }
}
