import { Injectable, type OnModuleInit } from '@nestjs/common'
import { Settings } from '#config'
import { Database } from '#database'
import { EventBus } from '#events'
import { Clock, Logger, type Timer } from '#kernel'
import { SwitchRepository } from './switch.repository.js'

/** How long another process's turn of the switch may go unnoticed, in ms. */
const LOOK_MS = 1_000

/** Called when the switch was turned. */
export type OnSwitched = (isOff: boolean) => void

/**
 * Notices turns of the run-time switch: at once those made in this process, within a second those of another. No claim
 * needs it, the statement reads the switch itself; it is for what was claimed already, and for waking up again.
 */
@Injectable()
export class SwitchWatch implements OnModuleInit {
  #isOff = false
  #timer: Timer | null = null
  #onSwitched: OnSwitched | null = null

  constructor(
    private readonly settings: Settings,
    private readonly repository: SwitchRepository,
    private readonly database: Database,
    private readonly bus: EventBus,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.bus.afterCommit('webhook.settingsChanged', 'webhooks.switch', ({ disabled }) => this.#note(disabled))
  }

  /** `http.disable_webhooks`: webhooks are off for the life of this process, whatever the switch says. */
  get isOffByFile(): boolean {
    return this.settings.webhooks.disabled
  }

  /** Notes whether webhooks are off by the file: the time for which they were does not count against what rests. */
  async noteFile(): Promise<void> {
    await this.repository.noteFile(this.database, this.isOffByFile, this.clock.now())
  }

  /** Tells `onSwitched` from now on, at the first turn away from «on». */
  start(onSwitched: OnSwitched): void {
    this.#onSwitched = onSwitched
    this.#lookLater()
  }

  stop(): void {
    this.#onSwitched = null
    this.#timer?.cancel()
  }

  #lookLater(): void {
    if (this.#onSwitched) this.#timer = this.clock.after(LOOK_MS, () => void this.#look())
  }

  /** A look that fails is made up for by the next one. */
  async #look(): Promise<void> {
    try {
      this.#note(await this.repository.isOff(this.database))
    } catch (err) {
      this.logger.warn({ err }, 'the switch of webhooks could not be read')
    }
    this.#lookLater()
  }

  #note(isOff: boolean): void {
    if (isOff === this.#isOff) return
    this.#isOff = isOff
    this.#onSwitched?.(isOff)
  }
}
