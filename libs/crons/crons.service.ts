import { Injectable } from '@nestjs/common'
import { type Caller, isVisible, type Visibility } from '#auth'
import { type Transaction, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { Clock, type JsonObject, WebhookPolicy } from '#kernel'
import { requireCarriable, type RunPermit } from '#runs'
import { changedCron } from './cron-changes.js'
import { CronGround } from './cron-ground.js'
import type { CronPayload } from './cron-payload.js'
import type { Cron, CronData } from './cron.entity.js'
import { cronNotFound } from './crons.errors.js'
import { CronsRepository } from './crons.repository.js'
import type { CronRequest } from './dto/create-cron.dto.js'
import type { CronChanges } from './dto/update-cron.dto.js'
import { newCron } from './new-cron.js'

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
   * The cron that a request asks for, by what can be said of it by itself: its assistant is as the request names it.
   * Without a thread every firing gets one of its own.
   * @throws AppError 422 for a schedule, an end or a webhook that is refused.
   */
  draft(threadId: string | null, request: CronRequest, creator: Caller | null): CronData {
    const draft = newCron(threadId, request, { creator, now: this.clock.now() })
    if (draft.payload.webhook !== null) this.webhooks.check(draft.payload.webhook)
    return draft
  }

  /** Makes it, as far as its runs may stand on what it names. @throws AppError 404 for an unknown assistant, graph or thread. */
  async create(draft: CronData, permit: RunPermit): Promise<Cron> {
    requireCarriable(configOf(draft.payload), {})
    return this.unitOfWork.run(async (tx) => {
      const assistantId = await this.ground.lock(tx, draft.assistantId, draft.threadId, permit)
      const payload = { ...draft.payload, assistant_id: assistantId }
      return this.#tell(tx, await this.crons.insert(tx, { ...draft, assistantId, payload }))
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
   * @throws AppError `cron_not_found`, and 422 as `draft` does.
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
