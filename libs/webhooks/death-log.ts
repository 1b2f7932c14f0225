import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { EventBus, type EventCatalogue } from '#events'
import { Clock, Logger, type Timer } from '#kernel'

/** Lines of one second; what goes beyond is told as a number. */
const MOST_LINES = 20
const SECOND_MS = 1_000

/** Writes a line of log for each webhook that is given up: its run has ended well long ago, and nothing else tells. */
@Injectable()
export class DeathLog implements OnModuleDestroy, OnModuleInit {
  #lines = 0
  #left = 0
  #second: Timer | null = null

  constructor(
    private readonly bus: EventBus,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.bus.afterCommit('webhook.died', 'webhooks.death-log', (end) => this.#tell(end))
  }

  onModuleDestroy(): void {
    this.#second?.cancel()
    this.#next()
  }

  /** A failing receiver of many webhooks must not fill the disk. */
  #tell({ deliveryId, runId, hostKey, errorCode, httpStatus, attempts }: EventCatalogue['webhook.died']): void {
    this.#second ??= this.clock.after(SECOND_MS, () => this.#next())
    this.#lines += 1
    if (this.#lines > MOST_LINES) {
      this.#left += 1
      return
    }
    const fields = { deliveryId, run_id: runId, host: hostKey, code: errorCode, status: httpStatus, attempts }
    this.logger.warn(fields, 'a webhook was given up; it can be redelivered')
  }

  #next(): void {
    if (this.#left > 0) this.logger.warn({ count: this.#left }, 'more webhooks were given up within the last second')
    this.#lines = 0
    this.#left = 0
    this.#second = null
  }
}
