import { Injectable } from '@nestjs/common'
import { Database } from '#database'
import { Clock, Logger, RecentMap } from '#kernel'
import type { AttemptResult } from './attempt-result.js'
import { FAILURES_TO_OPEN, type HostVerdict, judgeHost, nextProbeDelay } from './breaker-policy.js'
import { BreakersRepository } from './breakers.repository.js'
import type { ClaimedDelivery } from './claimed-delivery.js'
import { isPathHostKey } from './url-text-policy.js'

/** What becomes of a host's breaker by one attempt. */
export type BreakerChange =
  | { readonly kind: 'open' | 'close' | 'none'; readonly host: string }
  /** After a probe: `failed` waits longer, else the next one may probe at once. */
  | { readonly kind: 'probed'; readonly host: string; readonly failed: boolean; readonly lastDelayMs: number }

/** How many hosts' failures are counted at once. */
const MAX_COUNTED = 10_000

/**
 * The breaker of each host (webhooks contract section 5). Failures in a row are counted here, by process; an open
 * breaker is a row, which the claims of every process respect: nothing of the host is claimed before the probe's time,
 * then one delivery at a time.
 */
@Injectable()
export class HostBreakers {
  readonly #failures = new RecentMap<string, number>(MAX_COUNTED)
  readonly #held = new Set<string>()
  readonly #opening = new Set<string>()

  constructor(
    private readonly repository: BreakersRepository,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Hosts whose breaker has opened but is no row yet: until it is one, the claims must be told. */
  get opening(): Iterable<string> {
    return this.#opening
  }

  /** Whether this process knows the host's breaker to be open. */
  isHeld(host: string): boolean {
    return this.#held.has(host)
  }

  /** Counts an attempt; `null` is one that was cut short by us. To be followed by `store`. */
  judge({ hostKey: host, probeDelayMs }: ClaimedDelivery, result: AttemptResult | null): BreakerChange {
    const verdict = result ? verdictOf(host, result) : 'none'
    if (verdict === 'answering') return this.#answering(host, probeDelayMs !== null)
    if (probeDelayMs !== null) {
      return { kind: 'probed', host, failed: verdict === 'failing', lastDelayMs: probeDelayMs }
    }
    return verdict === 'failing' ? this.#failing(host) : { kind: 'none', host }
  }

  /**
   * Stores what `judge` said; answers when deliveries of the host may be claimed again, null when nothing has changed.
   * Never throws: a breaker that cannot be stored costs attempts and nothing else.
   */
  async store(change: BreakerChange): Promise<Date | null> {
    if (change.kind === 'none') return null
    try {
      return await this.#store(change)
    } catch (err) {
      this.logger.error({ err }, 'the breaker of a webhook host could not be stored')
      return null
    } finally {
      this.#opening.delete(change.host)
    }
  }

  /** Learns which breakers other processes have closed, and drops those that nothing waits behind. */
  async tend(now: Date): Promise<void> {
    await this.repository.dropIdle(this.database, new Date(now.getTime() - IDLE_MS))
    if (this.#held.size === 0) return
    const open = new Set(await this.repository.stillOpen(this.database, [...this.#held]))
    for (const host of this.#held) if (!open.has(host)) this.#held.delete(host)
  }

  #answering(host: string, isProbe: boolean): BreakerChange {
    this.#failures.delete(host)
    return { kind: this.#held.delete(host) || isProbe ? 'close' : 'none', host }
  }

  #failing(host: string): BreakerChange {
    const failures = (this.#failures.get(host) ?? 0) + 1
    this.#failures.set(host, failures)
    if (failures < FAILURES_TO_OPEN || this.#held.has(host)) return { kind: 'none', host }
    this.#held.add(host)
    this.#opening.add(host)
    return { kind: 'open', host }
  }

  async #store(change: BreakerChange): Promise<Date | null> {
    const now = this.clock.now()
    if (change.kind === 'open') {
      const next = probeAfter(now, nextProbeDelay(null))
      await this.repository.open(this.database, change.host, now, next)
      this.logger.warn({ host: change.host }, 'a webhook host fails: its deliveries wait for a probe')
      return next.probeAt
    }
    if (change.kind === 'probed') {
      const { failed, lastDelayMs } = change
      const next = failed ? probeAfter(now, nextProbeDelay(lastDelayMs)) : { probeAt: now, delayMs: lastDelayMs }
      await this.repository.postpone(this.database, change.host, next)
      return next.probeAt
    }
    await this.repository.close(this.database, change.host)
    this.logger.info({ host: change.host }, 'a webhook host answers again')
    return now
  }
}

/** This server's own routes have no network between, and share one host key: one that fails says nothing of the others. */
function verdictOf(host: string, result: AttemptResult): HostVerdict {
  return isPathHostKey(host) ? 'answering' : judgeHost(result)
}

/** A breaker with nothing behind it is dropped when its probe is overdue by this, in ms. */
const IDLE_MS = 300_000

function probeAfter(now: Date, delayMs: number): { probeAt: Date; delayMs: number } {
  return { probeAt: new Date(now.getTime() + delayMs), delayMs }
}
