import { Injectable, type OnModuleInit } from '@nestjs/common'
import { setMaxListeners } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Settings } from '#config'
import { EventBus } from '#events'
import { Clock, Logger } from '#kernel'
import { ClaimKeeper } from './claim-keeper.js'
import type { ClaimedDelivery } from './claimed-delivery.js'
import { DeliveryAttempt } from './delivery-attempt.js'
import { HostSlots } from './host-slots.js'
import { WakeSignal } from './wake-signal.js'

/** Everything that no signal tells (retries of others, lost claims, lost signals) is found at the latest after this. */
const POLL_MS = 5000

/** How long a stop waits for outcomes that the database does not take. */
const STORE_PATIENCE_MS = 5000

/**
 * Sends what is due: claims as many deliveries as there are free slots, each becomes one attempt, and sleeps until it
 * is woken by a commit, a retry comes due, a slot is freed that others wait for, or the poll is due.
 */
@Injectable()
export class WebhookDispatcher implements OnModuleInit {
  readonly #wake: WakeSignal
  readonly #slots: HostSlots
  readonly #open = new Set<Promise<void>>()
  readonly #cut = new AbortController()
  #loop: Promise<void> | null = null
  #isStopping = false
  #nextPollAt = 0
  #nextDueAt = Infinity

  constructor(
    private readonly settings: Settings,
    private readonly bus: EventBus,
    private readonly claims: ClaimKeeper,
    private readonly attempts: DeliveryAttempt,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.#wake = new WakeSignal(clock)
    // Every open request listens: that is no leak.
    setMaxListeners(0, this.#cut.signal)
    this.#slots = new HostSlots(settings.webhooks.concurrency, settings.webhooks.perHost)
  }

  onModuleInit(): void {
    this.bus.afterCommit('webhook.queued', 'webhooks.dispatcher', () => this.#wake.wake())
  }

  /**
   * Takes up what a former process was sending when it was killed, without waiting for its leases: right where this
   * process alone holds the database and has just started. Called by the composition root before `start`.
   */
  async takeOver(): Promise<void> {
    const count = await this.claims.takeOver()
    if (count > 0) this.logger.warn({ count }, 'webhooks of a former process are taken up again')
  }

  /** Begins to send; called by the composition root once the database is there. Rests while webhooks are off. */
  start(): void {
    if (this.settings.webhooks.disabled || this.#loop || this.#isStopping) return
    this.#loop = this.#run()
  }

  /**
   * Claims nothing more, waits for open requests at most `graceMs`, cuts the rest and hands them back: their attempt
   * is not counted.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true
    this.#wake.wake()
    await this.#loop
    const grace = this.clock.after(graceMs, () => this.#cut.abort())
    if (graceMs <= 0) this.#cut.abort()
    await Promise.race([Promise.all(this.#open), this.#patience(graceMs + STORE_PATIENCE_MS)])
    grace.cancel()
    this.attempts.close()
  }

  #patience(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.after(ms, resolve))
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      await this.#wake.sleep(await this.#turn())
      // What arrives in this turn of the event loop frees its slots first, so that one claim fills them all.
      await nextTurn()
    }
  }

  /** Does what is due; answers how long to sleep, in ms. A turn that fails waits for the poll: it must not spin. */
  async #turn(): Promise<number> {
    try {
      await this.#poll()
      await this.#claim()
      return Math.min(this.#nextDueAt, this.#nextPollAt) - this.clock.now().getTime()
    } catch (err) {
      this.logger.error({ err }, 'due webhooks could not be claimed')
      return POLL_MS
    }
  }

  async #poll(): Promise<void> {
    const now = this.clock.now()
    if (now.getTime() < this.#nextPollAt) return
    await this.claims.tend(now)
    this.#nextPollAt = now.getTime() + POLL_MS
    this.#nextDueAt = now.getTime()
  }

  async #claim(): Promise<void> {
    const now = this.clock.now()
    if (now.getTime() >= this.#nextDueAt) await this.#lookAhead(now)
    const limit = this.#slots.free
    if (limit <= 0) return
    const claimed = await this.claims.claim(limit, this.#slots.open, now)
    for (const delivery of claimed) this.#begin(delivery)
  }

  /** What is due by `now` is claimed in this turn; finds out when the next one is. */
  async #lookAhead(now: Date): Promise<void> {
    this.#nextDueAt = Infinity
    const earliest = await this.claims.earliestDue(now)
    if (earliest) this.#nextDueAt = Math.min(this.#nextDueAt, earliest.getTime())
  }

  #begin(delivery: ClaimedDelivery): void {
    this.#slots.take(delivery.hostKey)
    const work = this.attempts
      .run(delivery, this.#cut.signal, () => this.#freed(delivery.hostKey))
      .then((nextAttemptAt) => this.#noteDue(nextAttemptAt))
      .catch((err: unknown) => this.logger.error({ err, deliveryId: delivery.deliveryId }, 'webhook attempt failed'))
      .finally(() => this.#open.delete(work))
    this.#open.add(work)
  }

  /** The answer is there; its outcome may still be on the way into the database. */
  #freed(hostKey: string): void {
    const wasTight = this.#slots.isTight
    this.#slots.release(hostKey)
    if (wasTight) this.#wake.wake()
  }

  #noteDue(nextAttemptAt: Date | null): void {
    if (nextAttemptAt === null || nextAttemptAt.getTime() >= this.#nextDueAt) return
    this.#nextDueAt = nextAttemptAt.getTime()
    this.#wake.wake()
  }
}
