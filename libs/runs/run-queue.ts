import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { Database } from '#database'
import { Clock } from '#kernel'
import { type Claim, type HeldRun, RunQueueRepository } from './run-queue.repository.js'
import { RunRecovery } from './run-recovery.js'
import type { Run } from './run.js'

/** The queue as a worker uses it: leases are times of the injected clock. */
@Injectable()
export class RunQueue {
  constructor(
    private readonly settings: Settings,
    private readonly database: Database,
    private readonly repository: RunQueueRepository,
    private readonly recovery: RunRecovery,
    private readonly clock: Clock,
  ) {}

  /** Claims up to `limit` due runs. */
  claim(workerId: string, limit: number): Promise<Run[]> {
    const times = { now: this.clock.now(), leaseUntil: this.#leaseUntil() }
    return this.repository.claimDue(this.database, workerId, limit, times)
  }

  /** Milliseconds until the next delayed run is due; Infinity when none waits. */
  async untilNextDueMs(): Promise<number> {
    const now = this.clock.now()
    const next = await this.repository.nextDue(this.database, now)
    return next ? next.getTime() - now.getTime() : Number.POSITIVE_INFINITY
  }

  /** Extends the worker's leases and tells which it still holds. */
  renew(workerId: string): Promise<HeldRun[]> {
    return this.repository.renew(this.database, workerId, this.#leaseUntil())
  }

  /** Settles what dead processes left; returns how many runs went back to the queue. */
  recover(workerId: string, all: boolean): Promise<number> {
    return this.recovery.recover(workerId, { all, maxAttempts: this.settings.runs.maxAttempts })
  }

  /** Gives a run back at shutdown: the attempt does not count (contract 5.4). */
  async handBack(claim: Claim): Promise<void> {
    await this.repository.release(this.database, claim, { now: this.clock.now(), handBack: true })
  }

  #leaseUntil(): Date {
    return new Date(this.clock.now().getTime() + this.settings.runs.leaseMs)
  }
}
