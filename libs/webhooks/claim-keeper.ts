import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { Database, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { Clock, newId } from '#kernel'
import type { ClaimedDelivery } from './claimed-delivery.js'
import { WebhooksRepository } from './webhooks.repository.js'

/** A lease is this much longer than an attempt may take, for storing its outcome. */
const LEASE_SLACK_MS = 30_000

/** This process's claims: taken, kept while they last, given back. */
@Injectable()
export class ClaimKeeper {
  /** This process, as the rows know it. */
  readonly workerId = newId()
  readonly #held = new Set<ClaimedDelivery>()
  readonly #leaseMs: number
  readonly #perHost: number

  constructor(
    private readonly repository: WebhooksRepository,
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly bus: EventBus,
    private readonly clock: Clock,
    settings: Settings,
  ) {
    this.#leaseMs = settings.webhooks.timeoutMs + LEASE_SLACK_MS
    this.#perHost = settings.webhooks.perHost
  }

  /** Claims what is due, at most `limit`, by the open requests of each host. */
  async claim(limit: number, open: ReadonlyMap<string, number>, now: Date): Promise<ClaimedDelivery[]> {
    const leaseUntil = new Date(now.getTime() + this.#leaseMs)
    const request = { now, workerId: this.workerId, leaseUntil, limit, perHost: this.#perHost, open }
    const claimed = await this.repository.claim(this.database, request)
    for (const delivery of claimed) this.#held.add(delivery)
    return claimed
  }

  /** The claim has ended: its outcome is stored, or it was given up. */
  release(delivery: ClaimedDelivery): void {
    this.#held.delete(delivery)
  }

  /** Gives a claim back, its attempt not counted. */
  async handBack(delivery: ClaimedDelivery): Promise<void> {
    await this.repository.handBack(this.database, this.workerId, [delivery], this.clock.now())
  }

  /** Takes up what every other process holds; answers how many. */
  takeOver(): Promise<number> {
    return this.repository.takeOver(this.database, this.workerId, this.clock.now())
  }

  /**
   * Renews what is held, takes up what dead processes left, ends what is past its last moment.
   */
  async tend(now: Date): Promise<void> {
    const held = [...this.#held]
    const leaseUntil = new Date(now.getTime() + this.#leaseMs)
    if (held.length > 0) await this.repository.renew(this.database, this.workerId, held, leaseUntil)
    await this.repository.recoverLost(this.database, now)
    await this.unitOfWork.run(async (tx) => {
      const expired = await this.repository.expire(tx, now)
      for (const { deliveryId, runId } of expired) await this.bus.publish(tx, 'webhook.died', { deliveryId, runId })
    })
  }

  /** When the next delivery comes due after `now`; null when none waits. */
  earliestDue(now: Date): Promise<Date | null> {
    return this.repository.earliestDue(this.database, now)
  }
}
