import { Injectable } from '@nestjs/common'
import { setMaxListeners } from 'node:events'
import { Settings } from '#config'
import { Clock, Logger } from '#kernel'
import { AnswerTimes } from './answer-times.js'
import { ClaimKeeper, type ClaimRoom } from './claim-keeper.js'
import type { ClaimedDelivery } from './claimed-delivery.js'
import { DeliveryAttempt } from './delivery-attempt.js'
import { HostBreakers } from './host-breakers.js'
import { HostSlots } from './host-slots.js'
import { WaitingLine } from './waiting-line.js'

/** Whom the desk tells. */
export interface DeskWatch {
  /** There is room for deliveries that the last claim may have left behind. */
  readonly room: () => void
  /** Something comes due then. */
  readonly due: (at: Date) => void
}

/** How many deliveries may be claimed ahead in all. */
const MAX_AHEAD = 512

/** How long a stop waits for outcomes that the database does not take, in ms. */
const STORE_PATIENCE_MS = 5000

/**
 * The claimed deliveries of this process: sends what the slots admit, keeps the rest in line. Only for hosts that
 * answer within milliseconds more is claimed than can be sent at once, so that nothing stays in line for long.
 */
@Injectable()
export class SendingDesk {
  readonly #slots: HostSlots
  readonly #line = new WaitingLine()
  readonly #times = new AnswerTimes()
  readonly #open = new Set<Promise<void>>()
  readonly #cut = new AbortController()
  /** Hosts of which the last claim has taken all that there was room for. */
  readonly #backlogged = new Set<string>()
  #isCutShort = false
  #isResting = false
  #isClosed = false
  #watch: DeskWatch = { room: () => {}, due: () => {} }

  constructor(
    private readonly settings: Settings,
    private readonly claims: ClaimKeeper,
    private readonly attempts: DeliveryAttempt,
    private readonly breakers: HostBreakers,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    // Every open request listens: that is no leak.
    setMaxListeners(0, this.#cut.signal)
    this.#slots = new HostSlots(settings.webhooks.concurrency, settings.webhooks.perHost)
  }

  watch(watch: DeskWatch): void {
    this.#watch = watch
  }

  /** What may be claimed now, in all and of each host that holds something already. */
  get room(): ClaimRoom {
    const hosts = this.#hosts
    const known = [...new Set([...hosts, ...this.breakers.opening])].map((host) => ({
      host,
      held: this.#held(host),
      room: this.#roomOf(host),
    }))
    return { limit: this.#limit, perHost: this.#slots.share(hosts.size + 1), known }
  }

  /** Whether anything may be claimed at all. */
  get hasRoom(): boolean {
    return this.#limit > 0
  }

  /** Whether the last claim has left something behind that there may be room for by now. */
  get wantsMore(): boolean {
    return this.#isCutShort || [...this.#backlogged].some((host) => this.#isHungry(host))
  }

  /** There was no room for a claim: tells as soon as there is. */
  postpone(): void {
    this.#isCutShort = true
  }

  /** Takes what was claimed for `room`. `isFirst`: the claim did not go on from where another one had stopped. */
  take(claimed: readonly ClaimedDelivery[], room: ClaimRoom, isFirst: boolean): void {
    if (this.#isResting) return this.#giveBack(claimed)
    if (isFirst) this.#forgetBacklog()
    this.#noteBacklog(claimed, room)
    // A breaker may have opened during the claim.
    const isLate = ({ hostKey, probeDelayMs }: ClaimedDelivery) =>
      probeDelayMs === null && this.breakers.isHeld(hostKey)
    for (const delivery of claimed) if (!isLate(delivery)) this.#line.add(delivery)
    this.#giveBack(claimed.filter(isLate))
    this.#sendNext()
  }

  /** Looks after the breakers: learns what other processes did to them. */
  async tend(now: Date): Promise<void> {
    await this.breakers.tend(now)
  }

  /** Hands back what waits in line, and what a claim under way still brings; what is being sent goes on. */
  rest(): void {
    this.#isResting = true
    this.#forgetBacklog()
    this.#giveBack(this.#line.drain())
  }

  /** Sends again what is claimed. */
  resume(): void {
    this.#isResting = false
  }

  /** Begins no further request: what a claim under way still brings is handed back by `stop`. */
  close(): void {
    this.#isClosed = true
  }

  /**
   * Hands back what waits, waits for open requests at most `graceMs`, cuts the rest and hands them back: their attempt
   * is not counted.
   */
  async stop(graceMs: number): Promise<void> {
    this.close()
    this.rest()
    const grace = this.clock.after(graceMs, () => this.#cut.abort())
    if (graceMs <= 0) this.#cut.abort()
    await this.#settled(graceMs + STORE_PATIENCE_MS)
    grace.cancel()
    this.attempts.close()
  }

  /** Resolves once nothing is open and what waited is handed back, or after `ms`. */
  #settled(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const patience = this.clock.after(ms, resolve)
      void Promise.all(this.#open).then(() => (patience.cancel(), resolve()))
    })
  }

  /** How many more deliveries this process can hold. What is answered and not stored yet counts: it must not pile up. */
  get #limit(): number {
    return this.settings.webhooks.concurrency + MAX_AHEAD - this.#open.size - this.#line.size
  }

  /** Hosts with something open or in line. */
  get #hosts(): Set<string> {
    return new Set([...this.#slots.hosts, ...this.#line.hosts])
  }

  #held(host: string): number {
    return this.#slots.count(host) + this.#line.count(host)
  }

  #roomOf(host: string): number {
    if (this.breakers.isHeld(host)) return 0
    return Math.max(0, this.#target(host) - this.#held(host))
  }

  /** How many deliveries of a host this process wants to hold. */
  #target(host: string): number {
    const { perHost } = this.settings.webhooks
    const ahead = this.#times.aheadOf(host)
    return ahead > 0 ? perHost * (1 + ahead) : this.#slots.share(this.#hosts.size)
  }

  /** A claim is worth its while: half of what was claimed ahead is sent, or, for a slow host, one slot is free. */
  #isHungry(host: string): boolean {
    const worth = this.#times.isQuick(host) ? this.#target(host) / 2 : 1
    return this.#roomOf(host) >= worth
  }

  #noteBacklog(claimed: readonly ClaimedDelivery[], { limit, perHost, known }: ClaimRoom): void {
    this.#isCutShort ||= claimed.length >= limit
    const rooms = new Map(known.map(({ host, room }) => [host, room]))
    const counts = new Map<string, number>()
    for (const { hostKey } of claimed) counts.set(hostKey, (counts.get(hostKey) ?? 0) + 1)
    for (const [host, count] of counts) if (count >= (rooms.get(host) ?? perHost)) this.#backlogged.add(host)
    for (const { host, room } of known) if (room === 0) this.#backlogged.add(host)
  }

  #forgetBacklog(): void {
    this.#backlogged.clear()
    this.#isCutShort = false
  }

  #sendNext(): void {
    if (this.#isClosed) return
    for (;;) {
      const delivery = this.#line.next(this.#slots)
      if (delivery === null) return
      this.#begin(delivery)
    }
  }

  #begin(delivery: ClaimedDelivery): void {
    const { hostKey, deliveryId } = delivery
    this.#slots.take(hostKey)
    const startedAt = this.clock.now().getTime()
    let isOpen = true
    const answered = () => {
      if (isOpen) this.#freed(hostKey, this.clock.now().getTime() - startedAt)
      isOpen = false
    }
    const work = this.attempts
      .run(delivery, this.#cut.signal, answered)
      .then((at) => (at ? this.#watch.due(at) : undefined))
      .catch((err: unknown) => this.logger.error({ err, deliveryId }, 'webhook attempt failed'))
      .finally(() => {
        this.#open.delete(work)
        answered()
        this.#tellRoom(hostKey)
      })
    this.#open.add(work)
  }

  /** The answer is there; its outcome may still be on the way into the database. */
  #freed(host: string, tookMs: number): void {
    this.#slots.release(host)
    this.#times.note(host, tookMs)
    // What waits for a host whose breaker has opened waits for the probe.
    if (this.breakers.isHeld(host)) this.#giveBack(this.#line.drain(host))
    this.#sendNext()
    this.#tellRoom(host)
  }

  #tellRoom(host: string): void {
    if (!this.hasRoom) return
    if (this.#isCutShort || (this.#backlogged.has(host) && this.#isHungry(host))) this.#watch.room()
  }

  #giveBack(waiting: readonly ClaimedDelivery[]): void {
    if (waiting.length === 0) return
    const work = this.#handBack(waiting)
      .catch((err: unknown) => this.logger.error({ err }, 'claims could not be handed back'))
      .finally(() => this.#open.delete(work))
    this.#open.add(work)
  }

  /**
   * A probe that was never sent lets another one begin. What cannot be handed back is released all the same: the next
   * look finds that nobody holds it.
   */
  async #handBack(deliveries: readonly ClaimedDelivery[]): Promise<void> {
    try {
      await this.claims.handBack(deliveries)
    } finally {
      for (const delivery of deliveries) this.claims.release(delivery)
    }
    for (const delivery of deliveries) await this.breakers.store(this.breakers.judge(delivery, null))
  }
}
