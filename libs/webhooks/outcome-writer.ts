import { Injectable } from '@nestjs/common'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { UnitOfWork } from '#database'
import { EventBus } from '#events'
import { Clock, Logger, type Timer } from '#kernel'
import type { AttemptOutcome } from './claimed-delivery.js'
import { WebhooksRepository } from './webhooks.repository.js'

interface Waiting {
  readonly outcome: AttemptOutcome
  readonly settled: () => void
  tries: number
}

/** A batch of so many waits for no more. */
const FULL_BATCH = 128

/** What one statement stores at most: the embedded database does nothing else meanwhile. */
const MOST_AT_ONCE = 256

const QUIET_TURNS = 8

const RETRY_MS = 1000
const MAX_TRIES = 30

/**
 * Stores outcomes of attempts. What finishes while a statement is under way, or within a few turns of the event loop,
 * goes into one. A batch that fails is repeated row by row, and a row that fails once a second: the message may have
 * arrived, and an outcome that is lost is a message sent twice.
 */
@Injectable()
export class OutcomeWriter {
  #queue: Waiting[] = []
  readonly #later = new Map<Waiting, Timer>()
  #writing = false
  #isClosed = false

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

  /** Begins no further statement, the database is about to close: gives up what is not stored and whatever comes. */
  close(): void {
    this.#isClosed = true
    for (const timer of this.#later.values()) timer.cancel()
    const left = [...this.#later.keys(), ...this.#queue]
    this.#later.clear()
    this.#queue = []
    for (const row of left) this.#giveUp(row)
  }

  #enqueue(waiting: Waiting): void {
    if (this.#isClosed) return this.#giveUp(waiting)
    this.#queue.push(waiting)
    if (!this.#writing) void this.#drain()
  }

  async #drain(): Promise<void> {
    this.#writing = true
    while (this.#queue.length > 0) {
      await this.#gather()
      const batch = this.#queue.splice(0, MOST_AT_ONCE)
      if (batch.length === 0) break
      if (await this.#tryStore(batch)) continue
      if (batch.length > 1) for (const row of batch) await this.#storeAlone(row)
      else for (const row of batch) this.#again(row)
    }
    this.#writing = false
  }

  /** Lets what is arriving come in: waits until some turns of the event loop in a row have brought nothing more. */
  async #gather(): Promise<void> {
    let quietTurns = 0
    while (quietTurns < QUIET_TURNS && this.#queue.length < FULL_BATCH) {
      const before = this.#queue.length
      await nextTurn()
      quietTurns = this.#queue.length > before ? 0 : quietTurns + 1
    }
  }

  async #storeAlone(row: Waiting): Promise<void> {
    if (this.#isClosed) this.#giveUp(row)
    else if (!(await this.#tryStore([row]))) this.#again(row)
  }

  #again(row: Waiting): void {
    row.tries += 1
    if (this.#isClosed || row.tries >= MAX_TRIES) return this.#giveUp(row)
    const timer = this.clock.after(RETRY_MS, () => {
      this.#later.delete(row)
      this.#enqueue(row)
    })
    this.#later.set(row, timer)
  }

  #giveUp({ outcome, tries, settled }: Waiting): void {
    const { deliveryId, attempt } = outcome
    this.logger.error({ deliveryId, attempt, tries }, 'outcome of a webhook attempt was given up')
    settled()
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
      for (const { status, latencyMs, ...end } of stored) {
        const { deliveryId, runId } = end
        if (status === 'delivered') await this.bus.publish(tx, 'webhook.delivered', { deliveryId, runId, latencyMs })
        if (status === 'dead') await this.bus.publish(tx, 'webhook.died', end)
      }
    })
  }
}
