import { Injectable } from '@nestjs/common'
import { type Transaction, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { Clock, type JsonObject, WebhookPolicy } from '#kernel'
import { requireCarriable } from '#runs'
import { changedCron } from './cron-changes.js'
import { CronGround } from './cron-ground.js'
import type { CronPayload } from './cron-payload.js'
import type { Cron, CronData } from './cron.entity.js'
import { cronNotFound } from './crons.errors.js'
import { CronsRepository } from './crons.repository.js'
import type { CronRequest } from './dto/create-cron.dto.js'
import type { CronChanges } from './dto/update-cron.dto.js'
import { type Creator, newCron } from './new-cron.js'

/** Makes, changes and deletes crons (contract 8.1 to 8.4): what can be refused is refused before anything is written. */
@Injectable()
export class CronsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly webhooks: WebhookPolicy,
    private readonly ground: CronGround,
    private readonly crons: CronsRepository,
    private readonly bus: EventBus,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes a cron of a thread, or one whose every firing gets a thread of its own when `threadId` is null.
   * @throws AppError 422 for a schedule, an end or a webhook that is refused, 404 for an unknown assistant, graph or thread.
   */
  async create(threadId: string | null, request: CronRequest, creator: Creator): Promise<Cron> {
    const cron = newCron(threadId, request, { creator, now: this.clock.now() })
    this.#check(cron.payload)
    return this.unitOfWork.run(async (tx) => {
      const assistantId = await this.ground.lock(tx, request.assistantId, threadId)
      const payload = { ...cron.payload, assistant_id: assistantId }
      return this.#tell(tx, await this.crons.insert(tx, { ...cron, assistantId, payload }))
    })
  }

  /**
   * Changes what is given; runs that it has made stay as they are (contract 8.2).
   * @throws AppError `cron_not_found`, and 422 as `create` does.
   */
  update(cronId: string, changes: CronChanges): Promise<Cron> {
    if (changes.payload.webhook != null) this.webhooks.check(changes.payload.webhook)
    return this.unitOfWork.run(async (tx) => {
      const changed = changedCron(required(await this.crons.lock(tx, cronId), cronId), changes, this.clock.now())
      requireCarriable(configOf(changed.payload), {})
      return this.#tell(tx, await this.crons.update(tx, changed))
    })
  }

  /** Runs that it has made stay. @throws AppError `cron_not_found`. */
  async delete(cronId: string): Promise<void> {
    const isDeleted = await this.unitOfWork.run((tx) => this.crons.delete(tx, cronId))
    if (!isDeleted) throw cronNotFound(cronId)
  }

  #check(payload: CronPayload): void {
    if (payload.webhook !== null) this.webhooks.check(payload.webhook)
    requireCarriable(configOf(payload), {})
  }

  /** What is due next may be sooner than whoever waits for it knows. */
  async #tell(tx: Transaction, cron: Cron): Promise<Cron> {
    await this.bus.publish(tx, 'cron.changed', { cronId: cron.cronId })
    return cron
  }
}

function required(cron: CronData | null, cronId: string): CronData {
  if (cron === null) throw cronNotFound(cronId)
  return cron
}

/** As far as it is the cron's own: what assistant and thread add is not known before it fires. */
function configOf({ config, metadata }: CronPayload): JsonObject {
  return { ...config, metadata }
}
