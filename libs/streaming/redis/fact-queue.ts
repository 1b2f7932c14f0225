import { type Clock, describeError, type Logger, type Timer } from '#kernel'
import { threadPlace } from './places.js'
import type { RedisLink } from './redis-link.js'
import { TELL } from './redis-scripts.js'

/** Facts that wait for Redis at most; beyond it the oldest are lost. */
const MOST_WAITING = 10_000
/** Until what could not be told is tried again, where Redis is there, in ms. */
const RETRY_MS = 500

/** What happened on a thread, as it stands in Redis. */
export interface ToldFact {
  readonly threadId: string
  readonly kind: 'run' | 'run_done' | 'state' | 'gone'
  /** The run, the checkpoint, or nothing. */
  readonly content: string
}

/** How facts are kept. */
export interface FactLimits {
  /** How long after the newest fact of a thread all of them go, in ms. */
  readonly lifetimeMs: number
  readonly factsPerThread: number
}

/** Tells what happens on threads to all processes, in order. What cannot be told now is told when Redis is back. */
export class FactQueue {
  #waiting: ToldFact[] = []
  #sending: Promise<void> | null = null
  #retry: Timer | null = null
  #isClosed = false

  constructor(
    private readonly link: RedisLink,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly limits: FactLimits,
  ) {
    link.onUp(() => this.#send())
  }

  tell(fact: ToldFact): void {
    this.#waiting.push(fact)
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift()
    this.#send()
  }

  close(): void {
    this.#isClosed = true
    this.#retry?.cancel()
  }

  #send(): void {
    if (this.#sending || this.#retry || this.#isClosed || !this.link.isUp || this.#waiting.length === 0) return
    const facts = this.#waiting.splice(0)
    this.#sending = this.#sendAll(facts).finally(() => {
      this.#sending = null
      this.#send()
    })
  }

  /** Never rejects. A fact whose answer was lost may be told twice: readers hear of a run's end or a state once more. */
  async #sendAll(facts: readonly ToldFact[]): Promise<void> {
    const told = await Promise.allSettled(facts.map((fact) => this.#tell(fact)))
    const failures = told.filter((one) => one.status === 'rejected')
    if (failures.length === 0) return
    this.#waiting = [...facts.filter((_, index) => told[index]?.status === 'rejected'), ...this.#waiting]
    if (this.#isClosed) return
    if (this.link.isUp) this.logger.warn({ err: describeError(failures[0]?.reason) }, 'Redis takes no facts of threads')
    this.#retry = this.clock.after(RETRY_MS, () => {
      this.#retry = null
      this.#send()
    })
  }

  #tell({ threadId, kind, content }: ToldFact): Promise<unknown> {
    const { key, channel } = threadPlace(this.link.prefix, threadId)
    const { lifetimeMs, factsPerThread } = this.limits
    return TELL.run(this.link, key, [String(lifetimeMs), channel, String(factsPerThread), kind, content])
  }
}
