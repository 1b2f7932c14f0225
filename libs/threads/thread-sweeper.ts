import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { UnitOfWork } from '#database'
import { Clock, Logger } from '#kernel'
import { ThreadExpiryRepository } from './thread-expiry.repository.js'
import { ThreadTrimming } from './thread-trimming.js'
import { expiryOf } from './thread-ttl.js'

/** Does to threads whose time is over what their lifetime says (contract 4.1 and 14). */
@Injectable()
export class ThreadSweeper {
  #isStopped = false

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly expiry: ThreadExpiryRepository,
    private readonly trimming: ThreadTrimming,
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Ends a sweep that is under way after the thread it has in hand; later ones do nothing. */
  stop(): void {
    this.#isStopped = true
  }

  /**
   * Takes threads one by one, each in a transaction of its own, until none is left or `sweep_limit` is reached. One
   * that fails is logged and left to the next sweep. Returns how many were done.
   */
  async sweep(): Promise<number> {
    const failed: string[] = []
    let swept = 0
    while (!this.#isStopped && swept + failed.length < this.settings.threadTtl.sweepLimit) {
      const taken = { threadId: null as string | null }
      try {
        if (!(await this.#sweepOne(failed, taken))) break
        swept += 1
      } catch (err) {
        // Without a thread to pass over the next try would meet the same.
        if (taken.threadId === null) throw err
        this.logger.error({ err, thread_id: taken.threadId }, 'a thread whose time is over could not be swept')
        failed.push(taken.threadId)
      }
    }
    return swept
  }

  /** False when no thread is left. Tells the one it takes also when that fails. */
  #sweepOne(except: readonly string[], taken: { threadId: string | null }): Promise<boolean> {
    return this.unitOfWork.run(async (tx) => {
      const now = this.clock.now()
      const thread = await this.expiry.claim(tx, { now, except })
      if (!thread) return false
      taken.threadId = thread.threadId
      await this.trimming.trim(tx, thread, thread.ttl.strategy)
      if (thread.ttl.strategy !== 'delete') await this.expiry.postpone(tx, thread.threadId, expiryOf(thread.ttl, now))
      return true
    })
  }
}
