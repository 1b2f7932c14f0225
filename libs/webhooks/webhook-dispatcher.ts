import { Injectable, type OnModuleInit } from '@nestjs/common'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { EventBus } from '#events'
import { Clock, Logger, WakeSignal } from '#kernel'
import { ClaimKeeper } from './claim-keeper.js'
import { SendingDesk } from './sending-desk.js'
import { SwitchWatch } from './switch/switch-watch.js'

/** Everything that no signal tells (retries of others, lost claims, lost signals) is found at the latest after this. */
const POLL_MS = 5000

/**
 * Sends what is due: claims what the desk has room for, and sleeps until it is woken by a commit, something comes due,
 * the desk has room for more, or the poll is due.
 */
@Injectable()
export class WebhookDispatcher implements OnModuleInit {
  readonly #wake: WakeSignal
  #loop: Promise<void> | null = null
  #isStopping = false
  #isAwake = true
  #nextPollAt = 0
  #nextDueAt = Infinity

  constructor(
    private readonly switches: SwitchWatch,
    private readonly bus: EventBus,
    private readonly claims: ClaimKeeper,
    private readonly desk: SendingDesk,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.#wake = new WakeSignal(clock)
  }

  onModuleInit(): void {
    this.bus.anywhere('webhook.queued', 'webhooks.dispatcher', () => this.#wake.wake())
    this.desk.watch({ room: () => this.#roomFound(), due: (at) => this.#noteDue(at) })
  }

  /**
   * Takes up what a former process was sending when it was killed, without waiting for its leases: right where this
   * process alone holds the database and has just started, which the caller says. Learns for how long webhooks were off
   * by the file. Called by the composition root before `start`.
   */
  async takeOver({ isAlone } = { isAlone: true }): Promise<void> {
    await this.switches.noteFile()
    if (!isAlone) return
    const count = await this.claims.takeOver()
    if (count > 0) this.logger.warn({ count }, 'webhooks of a former process are taken up again')
  }

  /** Begins to send; called by the composition root once the database is there. Rests while webhooks are off. */
  start(): void {
    if (this.switches.isOffByFile || this.#loop || this.#isStopping) return
    this.switches.start((isOff) => this.#switched(isOff))
    this.#loop = this.#run()
  }

  /** Claims nothing more, and gives open requests at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true
    this.switches.stop()
    this.desk.close()
    this.#wake.wake()
    await this.#loop
    await this.desk.stop(graceMs)
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const delayMs = await this.#turn()
      this.#isAwake = false
      await this.#wake.sleep(delayMs)
      this.#isAwake = true
      // What arrives in this turn of the event loop frees its slots first, so that one claim fills them all.
      await nextTurn()
    }
  }

  /** Does what is due; answers how long to sleep, in ms. A turn that fails waits for the poll: it must not spin. */
  async #turn(): Promise<number> {
    try {
      await this.#poll()
      await this.#claim()
      if (this.desk.hasRoom && (this.claims.isWalking || this.desk.wantsMore)) return 0
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
    await this.desk.tend(now)
    this.#nextPollAt = now.getTime() + POLL_MS
    this.#nextDueAt = now.getTime()
  }

  async #claim(): Promise<void> {
    const now = this.clock.now()
    if (now.getTime() >= this.#nextDueAt) await this.#lookAhead(now)
    if (!this.desk.hasRoom) return this.desk.postpone()
    const { room } = this.desk
    const isFirst = !this.claims.isWalking
    this.desk.take(await this.claims.claim(room, now), room, isFirst)
  }

  /** Off: what waits in line goes back at once. On: what was held is due. */
  #switched(isOff: boolean): void {
    if (isOff) return this.desk.rest()
    this.desk.resume()
    this.#wake.wake()
  }

  /** A turn that has begun looks at its end itself whether there is room for more. */
  #roomFound(): void {
    if (!this.#isAwake) this.#wake.wake()
  }

  /** What is due by `now` is claimed in this turn; finds out when the next one is. */
  async #lookAhead(now: Date): Promise<void> {
    this.#nextDueAt = Infinity
    const earliest = await this.claims.earliestDue(now)
    if (earliest) this.#nextDueAt = Math.min(this.#nextDueAt, earliest.getTime())
  }

  #noteDue(at: Date): void {
    if (at.getTime() >= this.#nextDueAt) return
    this.#nextDueAt = at.getTime()
    this.#wake.wake()
  }
}
