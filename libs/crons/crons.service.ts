import { Injectable } from '@nestjs/common'
import { type Caller, isVisible, type Visibility } from '#auth'
import { type Transaction, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { Clock, type JsonObject, WebhookPolicy } from '#kernel'
import { requireCarriable, type RunPermit } from '#runs'
import { changedCron } from './cron-changes.js'
import { CronGround } from './cron-ground.js'
import type { CronPayload } from './cron-payload.js'
import type { Cron } from './cron.entity.js'
import { cronNotFound } from './crons.errors.js'
import { CronsRepository } from './crons.repository.js'
import type { CronRequest } from './dto/create-cron.dto.js'
import type { CronChanges } from './dto/update-cron.dto.js'
import { newCron } from './new-cron.js'

/** Who makes a cron, and what its runs may stand on. */
export interface CronCreation {
  readonly creator: Caller | null
  readonly permit: RunPermit
}

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
  async create(threadId: string | null, request: CronRequest, { creator, permit }: CronCreation): Promise<Cron> {
    const cron = newCron(threadId, request, { creator, now: this.clock.now() })
    requireCarriable(configOf(cron.payload), {})
    return this.unitOfWork.run(async (tx) => {
      const assistantId = await this.ground.lock(tx, request.assistantId, threadId, permit)
      const payload = { ...cron.payload, assistant_id: assistantId }
      return this.#tell(tx, await this.crons.insert(tx, { ...cron, assistantId, payload }))
    })
  }

  /** @throws AppError `cron_not_found`. */
  async get(cronId: string, visibility: Visibility): Promise<Cron> {
    const cron = await this.unitOfWork.run((tx) => this.crons.find(tx, cronId))
    if (cron === null || !isVisible(visibility, cron.metadata)) throw cronNotFound(cronId)
    return cron
  }

  /**
   * Changes what is given; runs that it has made stay as they are (contract 8.2).
   * @throws AppError `cron_not_found`, and 422 as `create` does.
   */
  update(cronId: string, changes: CronChanges, visibility: Visibility): Promise<Cron> {
    if (changes.payload.webhook != null) this.webhooks.check(changes.payload.webhook)
    return this.unitOfWork.run(async (tx) => {
      const cron = await this.crons.lock(tx, cronId)
      if (cron === null || !isVisible(visibility, cron.metadata)) throw cronNotFound(cronId)
      const changed = changedCron(cron, changes, this.clock.now())
      requireCarriable(configOf(changed.payload), {})
      return this.#tell(tx, await this.crons.update(tx, changed))
    })
  }

  /** Runs that it has made stay. @throws AppError `cron_not_found`. */
  async delete(cronId: string, visibility: Visibility): Promise<void> {
    const isDeleted = await this.unitOfWork.run((tx) => this.crons.delete(tx, cronId, visibility))
    if (!isDeleted) throw cronNotFound(cronId)
  }

  /** What can be said of a request by itself. @throws AppError `webhook_refused`, and 422 as `create` does. */
  check(request: CronRequest): void {
    newCron(null, request, { creator: null, now: this.clock.now() })
    if (request.payload.webhook != null) this.webhooks.check(request.payload.webhook)
  }

  /** What is due next may be sooner than whoever waits for it knows. */
  async #tell(tx: Transaction, cron: Cron): Promise<Cron> {
    await this.bus.publish(tx, 'cron.changed', { cronId: cron.cronId })
    return cron
  }
}

/** As far as it is the cron's own: what assistant and thread add is not known before it fires. */
function configOf({ config, metadata }: CronPayload): JsonObject {
  return { ...config, metadata }
}
