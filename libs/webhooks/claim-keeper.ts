import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { Database, type Transaction, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { Clock, newId } from '#kernel'
import type { ClaimedDelivery, StoredOutcome } from './claimed-delivery.js'
import { WebhooksRepository } from './webhooks.repository.js'

/** What this process can take, in all, of each host it holds nothing of, and of each host it holds something of. */
export interface ClaimRoom {
  readonly limit: number
  readonly perHost: number
  readonly known: readonly { readonly host: string; readonly held: number; readonly room: number }[]
}

/** A lease is this much longer than an attempt may take, for storing its outcome. */
const LEASE_SLACK_MS = 30_000

/** This process's claims: taken, kept while they last, given back. */
@Injectable()
export class ClaimKeeper {
  /** This process, as the rows know it. */
  readonly workerId = newId()
  readonly #held = new Set<ClaimedDelivery>()
  readonly #leaseMs: number
  readonly #maxAttempts: number
  /** Where the walk from host to host goes on; empty when all were seen. */
  #walkedTo = ''

  constructor(
    private readonly repository: WebhooksRepository,
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly bus: EventBus,
    private readonly clock: Clock,
    settings: Settings,
  ) {
    this.#leaseMs = settings.webhooks.timeoutMs + LEASE_SLACK_MS
    this.#maxAttempts = settings.webhooks.retryScheduleMs.length + 1
  }

  /** Whether the last claim has not come to the end of the waiting hosts: the next one goes on from there. */
  get isWalking(): boolean {
    return this.#walkedTo !== ''
  }

  /** Claims what is due and there is room for. */
  async claim({ limit, perHost, known }: ClaimRoom, now: Date): Promise<ClaimedDelivery[]> {
    const leaseUntil = new Date(now.getTime() + this.#leaseMs)
    const request = { now, workerId: this.workerId, leaseUntil, limit, perHost, known, after: this.#walkedTo }
    const { claimed, walkedTo } = await this.repository.claim(this.database, request)
    this.#walkedTo = walkedTo
    for (const delivery of claimed) this.#held.add(delivery)
    return claimed
  }

  /** The body of a claim that came without it. @throws Error when it has none. */
  async readBody({ deliveryId }: ClaimedDelivery): Promise<Buffer> {
    const body = await this.repository.readBody(this.database, deliveryId)
    if (body === null) throw new Error('a claimed delivery has no body')
    return body
  }

  /** The claim has ended: its outcome is stored, or it was given up. */
  release(delivery: ClaimedDelivery): void {
    this.#held.delete(delivery)
  }

  /** Gives claims back, their attempt not counted. */
  async handBack(deliveries: readonly ClaimedDelivery[]): Promise<void> {
    if (deliveries.length > 0) await this.repository.handBack(this.database, this.workerId, deliveries)
  }

  /** Takes up what every other process holds; answers how many. */
  takeOver(): Promise<number> {
    return this.#takeUp((tx) => this.repository.takeOver(tx, this.workerId, this.clock.now(), this.#maxAttempts))
  }

  /**
   * Renews what is held, takes up what dead processes left and what was claimed unawares, ends what is past its last
   * moment. Not to be called while a claim is under way.
   */
  async tend(now: Date): Promise<void> {
    const held = [...this.#held]
    const leaseUntil = new Date(now.getTime() + this.#leaseMs)
    if (held.length > 0) await this.repository.renew(this.database, this.workerId, held, leaseUntil)
    const mine = { workerId: this.workerId, held }
    await this.#takeUp((tx) => this.repository.recoverLost(tx, now, this.#maxAttempts, mine))
    await this.#takeUp((tx) => this.repository.expire(tx, now))
  }

  /** When the next delivery comes due after `now`; null when none waits. */
  earliestDue(now: Date): Promise<Date | null> {
    return this.repository.earliestDue(this.database, now)
  }

  /** Stores what becomes of claims that nobody holds, and tells of those that ended; answers how many there were. */
  #takeUp(work: (tx: Transaction) => Promise<StoredOutcome[]>): Promise<number> {
    return this.unitOfWork.run(async (tx) => {
      const outcomes = await work(tx)
      for (const { status, ...end } of outcomes) if (status === 'dead') await this.bus.publish(tx, 'webhook.died', end)
      return outcomes.length
    })
  }
}
