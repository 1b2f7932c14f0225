import { Injectable } from '@nestjs/common'
import { AssistantsService } from '#assistants'
import type { Transaction } from '#database'
import { ThreadsRepository } from '#threads'
import { Clock } from '#kernel'
import type { Cron } from './cron.entity.js'
import { type DueCron, DueCronsRepository } from './due-crons.repository.js'
import { nextOccurrence } from './firing-policy.js'
import { parseSchedule } from './read-schedule.js'

/** Due occurrences: claims them with all that their runs stand on, and writes what became of them. */
@Injectable()
export class CronClaims {
  constructor(
    private readonly assistants: AssistantsService,
    private readonly threads: ThreadsRepository,
    private readonly due: DueCronsRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * The cron, locked until `tx` ends, if this occurrence is still to be fired; else null. Assistant and thread are locked
   * before it, as by whoever deletes them, and the cron with them: the other way round the two would wait for each other.
   */
  async claim(tx: Transaction, due: DueCron): Promise<Cron | null> {
    await this.assistants.findMeant(tx, due.assistantId)
    if (due.threadId !== null) await this.threads.lock(tx, due.threadId)
    return this.due.claim(tx, due)
  }

  /** The occurrence is dealt with: the next is the first after this time. */
  async moveOn(tx: Transaction, { cronId, schedule, timezone, endTime }: Cron, after: Date): Promise<void> {
    await this.due.moveOn(tx, cronId, nextOccurrence(parseSchedule(schedule, timezone), after, endTime))
  }

  /** No run of the cron can be made any more. */
  async disable(tx: Transaction, { cronId }: Cron, reason: string): Promise<void> {
    await this.due.disable(tx, cronId, { reason, now: this.clock.now() })
  }
}
