import { Injectable } from '@nestjs/common'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { UnitOfWork } from '#database'
import { EventBus } from '#events'
import { Clock, Logger } from '#kernel'
import type { AttemptOutcome } from './claimed-delivery.js'
import { WebhooksRepository } from './webhooks.repository.js'

interface Waiting {
  readonly outcome: AttemptOutcome
  readonly settled: () => void
  tries: number
}

const RETRY_MS = 1000
const MAX_TRIES = 30

/**
 * Stores outcomes of attempts. What finishes while a statement is under way goes into the next one; nothing waits for
 * company. A batch that fails is repeated row by row, and a row that fails once a second: the message may have arrived,
 * and an outcome that is lost is a message sent twice.
 */
@Injectable()
export class OutcomeWriter {
  #queue: Waiting[] = []
  #writing = false

  constructor(
    private readonly repository: WebhooksRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly bus: EventBus,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Resolves once it is stored, or given up (then the claim's lease runs out and the delivery is sent again). */
  store(outcome: AttemptOutcome): Promise<void> {
    return new Promise((settled) => this.#enqueue({ outcome, settled, tries: 0 }))
  }

  #enqueue(waiting: Waiting): void {
    this.#queue.push(waiting)
    if (!this.#writing) void this.#drain()
  }

  async #drain(): Promise<void> {
    this.#writing = true
    while (this.#queue.length > 0) {
      await nextTurn()
      const batch = this.#queue
      this.#queue = []
      if (await this.#tryStore(batch)) continue
      if (batch.length > 1) for (const row of batch) await this.#storeAlone(row)
      else for (const row of batch) this.#again(row)
    }
    this.#writing = false
  }

  async #storeAlone(row: Waiting): Promise<void> {
    if (!(await this.#tryStore([row]))) this.#again(row)
  }

  #again(row: Waiting): void {
    row.tries += 1
    if (row.tries < MAX_TRIES) this.clock.after(RETRY_MS, () => this.#enqueue(row))
    else row.settled()
  }

  async #tryStore(batch: readonly Waiting[]): Promise<boolean> {
    try {
      await this.#store(batch)
    } catch (err) {
      this.logger.error({ err, deliveries: batch.length }, 'outcomes of webhook attempts could not be stored')
      return false
    }
    for (const { settled } of batch) settled()
    return true
  }

  async #store(batch: readonly Waiting[]): Promise<void> {
    const outcomes = batch.map(({ outcome }) => outcome)
    await this.unitOfWork.run(async (tx) => {
      const stored = await this.repository.storeOutcomes(tx, outcomes, this.clock.now())
      for (const { deliveryId, runId, status } of stored) {
        if (status === 'delivered') await this.bus.publish(tx, 'webhook.delivered', { deliveryId, runId })
        if (status === 'dead') await this.bus.publish(tx, 'webhook.died', { deliveryId, runId })
      }
    })
  }
}
