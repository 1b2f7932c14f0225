import { Injectable, type OnModuleDestroy } from '@nestjs/common'
import { Database } from '#database'
import { Clock, Logger, type Timer } from '#kernel'
import { ThreadStreams } from '#streaming'
import { ThreadsRepository } from './threads.repository.js'

/** How often the threads of open streams are looked up, in ms. */
const LOOK_MS = 30_000

/** The slow look behind `thread.deleted`: ends the streams of threads that are gone although nobody said so. */
@Injectable()
export class ThreadStreamWatch implements OnModuleDestroy {
  #timer: Timer | null = null
  #stopped = false

  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly threads: ThreadsRepository,
    private readonly streams: ThreadStreams,
    private readonly logger: Logger,
  ) {}

  /** Looks from now on, for as long as there are readers. */
  start(): void {
    if (!this.#stopped) this.#timer ??= this.clock.after(LOOK_MS, () => void this.#look())
  }

  onModuleDestroy(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  async #look(): Promise<void> {
    try {
      const followed = this.streams.followed()
      const there = new Set(await this.threads.existing(this.database, followed))
      for (const threadId of followed) if (!there.has(threadId)) this.streams.end(threadId)
    } catch (err) {
      this.logger.warn({ err }, 'the threads of open streams could not be looked up')
    }
    this.#timer = null
    if (this.streams.followed().length > 0) this.start()
  }
}
