import { Injectable } from '@nestjs/common'
import { AssistantsService } from '#assistants'
import { Authorization, CallerContext, metadataIn } from '#auth'
import type { JsonObject } from '#kernel'
import { readRunRequest, RunAccess } from '#runs'
import { changedPayload, type PayloadChanges } from './cron-payload.js'
import type { Cron, CronData } from './cron.entity.js'
import { cronThreadNotFound } from './crons.errors.js'
import { CronsService } from './crons.service.js'
import type { CronRequest } from './dto/create-cron.dto.js'
import type { CronChanges } from './dto/update-cron.dto.js'

/** What callers want done with crons: whether they may is asked first (contract 1.7). */
@Injectable()
export class CronCommands {
  constructor(
    private readonly authorization: Authorization,
    private readonly callers: CallerContext,
    private readonly runs: RunAccess,
    private readonly crons: CronsService,
    private readonly assistants: AssistantsService,
  ) {}

  /**
   * A cron promises runs: whoever makes one must be allowed to make those, and what a handler puts into the metadata of
   * a run, an owner for example, goes into each of them.
   * @throws AppError as `CronsService.draft` and `create` do, `forbidden`.
   */
  async create(threadId: string | null, request: CronRequest): Promise<Cron> {
    const draft = this.crons.draft(threadId, request, this.callers.current)
    const value = creationValue(draft, this.assistants.meant(draft.assistantId))
    await this.authorization.ask('crons:create', value)
    const run = readRunRequest({ ...draft.payload })
    const { request: left, permit } = await this.runs.permit(threadId, { ...run, ifNotExists: 'reject' })
    const payload = { ...draft.payload, metadata: left.metadata }
    return this.crons.create({ ...draft, metadata: metadataIn(value), payload }, permit)
  }

  /** @throws AppError as `CronsService.update` does, `forbidden`, `cron_thread_not_found`. */
  async update(cronId: string, changes: CronChanges): Promise<Cron> {
    const { metadata, payload, schedule, timezone, endTime, enabled, onRunCompleted } = changes
    const value: JsonObject = {
      cron_id: cronId,
      payload,
      schedule,
      timezone,
      end_time: endTime,
      enabled,
      on_run_completed: onRunCompleted,
      metadata: { ...metadata },
    }
    const visibility = await this.authorization.ask('crons:update', value)
    const left = metadataIn(value)
    const cron = Object.keys(payload).length === 0 ? null : await this.crons.get(cronId, visibility)
    const allowed = cron === null ? payload : await this.#allowed(cron, payload, left)
    return this.crons.update(cronId, { ...changes, payload: allowed, metadata: left }, visibility)
  }

  /**
   * Other runs than before are promised: it is asked about them as about those of a new cron. Of the metadata that the
   * caller has given, what both handlers have left goes into them; what they add belongs to whoever changes the cron, and
   * the runs stay whose they were.
   */
  async #allowed(
    { cronId, threadId, payload }: Cron,
    changes: PayloadChanges,
    left: JsonObject,
  ): Promise<PayloadChanges> {
    const given = Object.keys(changes.metadata ?? {})
    const promised = changedPayload(payload, { ...changes, metadata: picked(left, given) }, cronId)
    const run = readRunRequest({ ...promised })
    const { request, permit } = await this.runs.permit(threadId, { ...run, ifNotExists: 'reject' })
    if (threadId !== null) await this.runs.requireShown(threadId, permit, () => cronThreadNotFound(threadId))
    return changes.metadata === undefined ? changes : { ...changes, metadata: picked(request.metadata, given) }
  }

  /** @throws AppError `cron_not_found`, `forbidden`. */
  async delete(cronId: string): Promise<void> {
    const visibility = await this.authorization.ask('crons:delete', { cron_id: cronId })
    await this.crons.delete(cronId, visibility)
  }
}

function picked(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)))
}

/** As the SDK types what a handler of `crons:create` gets, and what else there is of the cron. */
function creationValue(draft: CronData, assistantId: string): JsonObject {
  return {
    cron_id: draft.cronId,
    thread_id: draft.threadId,
    assistant_id: assistantId,
    user_id: draft.userId,
    schedule: draft.schedule,
    timezone: draft.timezone,
    end_time: draft.endTime?.toISOString() ?? null,
    enabled: draft.enabled,
    on_run_completed: draft.onRunCompleted,
    payload: { ...draft.payload, assistant_id: assistantId },
    metadata: { ...draft.metadata },
  }
}
