import type { Clock, Logger, Timer } from '#kernel'
import type { Place } from './places.js'
import type { RedisLink } from './redis-link.js'

/** How often what is followed is looked at without having been told of anything, in ms. */
const LOOK_MS = 5_000
/** How long a reader waits for what there is, in ms; the rest comes as it comes. */
const CATCH_UP_MS = 2_000
/** Entries read in one command. */
const BATCH = 1_000

/** An entry of a stream: its number, and its fields one after another. */
export interface Entry {
  readonly number: number
  readonly fields: readonly string[]
}

/** What is followed, and by how many. */
interface Replica {
  readonly place: Place
  readers: number
  isSubscribed: boolean
  /** The newest entry that was read. */
  read: number
  /** Whether it was once read to its end. */
  isRead: boolean
  fetching: Promise<void> | null
  again: boolean
}

/** What becomes of the entries of a stream. */
export interface ReplicaSink {
  /** Whether this process must read the stream; it need not where it writes all of it. */
  readonly isWanted: (id: string) => boolean
  /** New entries, in order. */
  readonly take: (id: string, entries: readonly Entry[]) => void
  /** A stream was read to its end. */
  readonly wasRead?: (id: string) => void
  /** The last reader has left. */
  readonly left: (id: string) => void
  readonly place: (id: string) => Place
}

type RawEntry = readonly [id: string, fields: readonly string[]]

/**
 * Follows streams in Redis for readers of this process: each stream is read once for all of them. What is published
 * only tells that there is more; the stream itself is the truth, so that a lost word costs a delay and nothing else.
 */
export class Replicas {
  readonly #held = new Map<string, Replica>()
  #look: Timer | null = null
  #isClosed = false

  constructor(
    private readonly link: RedisLink,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly sink: ReplicaSink,
  ) {
    link.onUp(() => this.#fetchAll())
  }

  /** The streams that have readers. */
  get ids(): readonly string[] {
    return [...this.#held.keys()]
  }

  /** The number of the newest entry that was read; 0 before the first. */
  readOf(id: string): number {
    return this.#held.get(id)?.read ?? 0
  }

  /** Whether a stream that has readers was read to its end once; true of one that has none. */
  isRead(id: string): boolean {
    return this.#held.get(id)?.isRead ?? true
  }

  /** Follows a stream until the signal aborts; resolves when all that is there now was read, or that takes too long. */
  async attach(id: string, signal: AbortSignal): Promise<void> {
    if (this.#isClosed || signal.aborted) return
    const replica = this.#held.get(id) ?? this.#newReplica(id)
    this.#held.set(id, replica)
    replica.readers += 1
    signal.addEventListener('abort', () => this.#leave(id, replica), { once: true })
    this.#look ??= this.clock.after(LOOK_MS, () => this.#lookAgain())
    await this.#within(CATCH_UP_MS, this.fetch(id))
  }

  /** Reads what is new; resolves when all that was there at the call was read. Never rejects. */
  fetch(id: string): Promise<void> {
    const replica = this.#held.get(id)
    if (!replica || !this.sink.isWanted(id)) return Promise.resolve()
    if (replica.fetching) {
      replica.again = true
      return replica.fetching
    }
    replica.fetching = this.#fetch(id, replica)
      .catch((err: unknown) => this.#failed(err))
      .finally(() => {
        replica.fetching = null
      })
    return replica.fetching
  }

  close(): void {
    this.#isClosed = true
    this.#look?.cancel()
    this.#held.clear()
  }

  #newReplica(id: string): Replica {
    return {
      place: this.sink.place(id),
      readers: 0,
      isSubscribed: false,
      read: 0,
      isRead: false,
      fetching: null,
      again: false,
    }
  }

  async #fetch(id: string, replica: Replica): Promise<void> {
    if (!replica.isSubscribed) {
      await this.link.subscribe(replica.place.channel, () => void this.fetch(id))
      replica.isSubscribed = true
    }
    do {
      replica.again = false
      await this.#readOn(id, replica)
    } while (replica.again)
  }

  async #readOn(id: string, replica: Replica): Promise<void> {
    for (;;) {
      const after = replica.read === 0 ? '-' : `(${replica.read}-0`
      const raw = await this.link.send<RawEntry[]>('XRANGE', replica.place.key, after, '+', 'COUNT', String(BATCH))
      if (this.#held.get(id) !== replica || !this.sink.isWanted(id)) return
      const entries = raw.map(([number, fields]) => ({ number: Number.parseInt(number, 10), fields }))
      if (entries.length > 0) this.sink.take(id, entries)
      replica.read = entries.at(-1)?.number ?? replica.read
      if (raw.length >= BATCH) continue
      replica.isRead = true
      this.sink.wasRead?.(id)
      return
    }
  }

  /** The next look, or Redis when it is back, makes up for it. */
  #failed(err: unknown): void {
    if (this.link.isUp && !this.#isClosed) this.logger.warn({ err }, 'live events of another process could not be read')
  }

  #leave(id: string, replica: Replica): void {
    replica.readers -= 1
    if (replica.readers > 0 || this.#held.get(id) !== replica) return
    this.#held.delete(id)
    void this.link.unsubscribe(replica.place.channel)
    this.sink.left(id)
  }

  #fetchAll(): void {
    for (const id of this.#held.keys()) void this.fetch(id)
  }

  #lookAgain(): void {
    this.#fetchAll()
    this.#look = this.#held.size > 0 ? this.clock.after(LOOK_MS, () => this.#lookAgain()) : null
  }

  #within(ms: number, work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.after(ms, resolve)
      void work.finally(() => {
        timer.cancel()
        resolve()
      })
    })
  }
}
