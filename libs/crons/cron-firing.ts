import { Injectable } from '@nestjs/common'
import { callerOf, identityKeys } from '#auth'
import { type Transaction, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { AppError, Clock, Logger } from '#kernel'
import { permitted, type PermittedRun, PASSING_REFUSALS, readRunRequest, RunsService } from '#runs'
import { CronClaims } from './cron-claims.js'
import type { Cron } from './cron.entity.js'
import type { DueCron } from './due-crons.repository.js'
import { type FiringPlan, planFiring } from './firing-policy.js'

/** Fires one occurrence (contract 8.7): its run and the next date are stored in one transaction, or neither is. */
@Injectable()
export class CronFiring {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly claims: CronClaims,
    private readonly runs: RunsService,
    private readonly bus: EventBus,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * Deals with the occurrence; false when somebody else does or did. A run that is refused for now skips the occurrence;
   * one that is refused for good disables the cron.
   * @throws what the database throws, and AppError `run_queue_full`; then nothing was stored, and it is to be tried again.
   */
  async fire(due: DueCron): Promise<boolean> {
    try {
      return await this.unitOfWork.run((tx) => this.#fire(tx, due))
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error
      return this.unitOfWork.run((tx) => this.#settle(tx, due, error))
    }
  }

  async #fire(tx: Transaction, due: DueCron): Promise<boolean> {
    const cron = await this.claims.claim(tx, due)
    if (cron === null) return false
    const plan = this.#plan(cron, due)
    await this.claims.moveOn(tx, cron, plan.goOnFrom)
    if (!plan.fires) return true
    const { runId } = await this.runs.createIn(tx, cron.threadId, firedRequest(cron))
    await this.bus.publish(tx, 'cron.fired', { cronId: cron.cronId, runId, dueAt: due.dueAt })
    return true
  }

  /** In a transaction of its own: what the refused run had written is undone. */
  async #settle(tx: Transaction, due: DueCron, refusal: AppError): Promise<boolean> {
    const cron = await this.claims.claim(tx, due)
    if (cron === null) return false
    const fields = { cron_id: cron.cronId, code: refusal.code, reason: refusal.message }
    if (PASSING_REFUSALS.has(refusal.code)) {
      await this.claims.moveOn(tx, cron, this.#plan(cron, due).goOnFrom)
      tx.onCommit(() => this.logger.info(fields, 'an occurrence of a cron was skipped'))
    } else {
      await this.claims.disable(tx, cron, refusal.message)
      tx.onCommit(() => this.logger.warn(fields, 'a cron was disabled: no run of it can be made'))
    }
    return true
  }

  #plan({ endTime }: Cron, { dueAt }: DueCron): FiringPlan {
    return planFiring({ dueAt, endTime }, this.clock.now())
  }
}

/** What the run is created with: in the name of the cron's creator, where one is known. */
function firedRequest({ payload, metadata, onRunCompleted, creator }: Cron): PermittedRun {
  const body = { ...payload, metadata: { ...metadata, ...payload.metadata }, on_completion: onRunCompleted ?? 'keep' }
  const injected = identityKeys(creator && callerOf(creator))
  return permitted({ ...readRunRequest(body), injected })
}
