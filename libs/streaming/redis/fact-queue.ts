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

  /**
   * Never rejects. The facts of one thread go one after the other, and after one that fails none of them: threads do not
   * wait for each other. A fact whose answer was lost may be told twice: readers hear of a run's end or a state once more.
   */
  async #sendAll(facts: readonly ToldFact[]): Promise<void> {
    const failed = new Map<string, unknown>()
    const left = await Promise.all([...byThread(facts)].map((ofThread) => this.#tellInOrder(ofThread, failed)))
    if (failed.size === 0) return
    this.#waiting = [...left.flat(), ...this.#waiting]
    if (this.#isClosed) return
    const [reason] = failed.values()
    if (this.link.isUp) this.logger.warn({ err: describeError(reason) }, 'Redis takes no facts of threads')
    this.#retry = this.clock.after(RETRY_MS, () => {
      this.#retry = null
      this.#send()
    })
  }

  /** What is left to be told; the reason is noted under the thread. */
  async #tellInOrder(facts: readonly ToldFact[], failed: Map<string, unknown>): Promise<readonly ToldFact[]> {
    for (const [place, fact] of facts.entries()) {
      try {
        await this.#tell(fact)
      } catch (error) {
        failed.set(fact.threadId, error)
        return facts.slice(place)
      }
    }
    return []
  }

  #tell({ threadId, kind, content }: ToldFact): Promise<unknown> {
    const { key, channel } = threadPlace(this.link.prefix, threadId)
    const { lifetimeMs, factsPerThread } = this.limits
    return TELL.run(this.link, key, [String(lifetimeMs), channel, String(factsPerThread), kind, content])
  }
}

/** The facts of each thread, in order. */
function byThread(facts: readonly ToldFact[]): Iterable<readonly ToldFact[]> {
  const threads = new Map<string, ToldFact[]>()
  for (const fact of facts) {
    const known = threads.get(fact.threadId)
    if (known) known.push(fact)
    else threads.set(fact.threadId, [fact])
  }
  return threads.values()
}
