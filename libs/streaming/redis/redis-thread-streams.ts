import type { Logger, Timer } from '#kernel'
import { LoggedThreadStreams, type ThreadStreamsGround } from '../logged-thread-streams.js'
import { type ThreadFact, ThreadLog } from '../thread-log.js'
import { FactQueue } from './fact-queue.js'
import { threadPlace } from './places.js'
import type { RedisLink } from './redis-link.js'
import type { RedisRunStreams } from './redis-run-streams.js'
import { type Entry, Replicas } from './replicas.js'

/** The facts of a thread stay this many times as long as a finished run's events; they are kept alive while a run is. */
const LIFETIMES = 2

/** What the streams of threads stand on between processes. */
export interface RedisThreadStreamsGround extends ThreadStreamsGround {
  readonly runs: RedisRunStreams
}

/**
 * Streams of threads between processes: whoever makes something happen tells it in Redis, and whoever has readers of
 * the thread reads it there, its own facts too.
 */
export class RedisThreadStreams extends LoggedThreadStreams {
  readonly #facts: FactQueue
  readonly #replicas: Replicas
  /** The threads of runs that were begun here, by run. */
  readonly #begun = new Map<string, string>()
  readonly #isWriting: (runId: string) => boolean
  #refresh: Timer | null = null

  constructor(ground: RedisThreadStreamsGround, link: RedisLink, logger: Logger) {
    super(ground)
    const { clock, limits } = ground
    this.#isWriting = (runId) => ground.runs.isWriting(runId)
    const lifetimeMs = limits.retentionMs * LIFETIMES
    this.#facts = new FactQueue(link, clock, logger, { lifetimeMs, factsPerThread: limits.factsPerThread })
    this.#replicas = new Replicas(link, clock, logger, {
      isWanted: () => true,
      take: (threadId, entries) => this.#take(threadId, entries),
      left: (threadId) => this.logs.delete(threadId),
      place: (threadId) => threadPlace(link.prefix, threadId),
    })
  }

  override runStarted(threadId: string, runId: string): void {
    this.#begun.set(runId, threadId)
    this.#facts.tell({ threadId, kind: 'run', content: runId })
    this.#refresh ??= this.ground.clock.after(this.ground.limits.retentionMs, () => this.#keepAlive())
  }

  override runEnded(threadId: string, runId: string): void {
    this.#facts.tell({ threadId, kind: 'run_done', content: runId })
  }

  override stateUpdated(threadId: string, checkpointId: string | null): void {
    this.#facts.tell({ threadId, kind: 'state', content: checkpointId ?? '' })
  }

  override end(threadId: string): void {
    this.#facts.tell({ threadId, kind: 'gone', content: '' })
  }

  override async attach(threadId: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    this.logOf(threadId)
    await this.#replicas.attach(threadId, signal)
  }

  override onModuleDestroy(): void {
    super.onModuleDestroy()
    this.#refresh?.cancel()
    this.#facts.close()
    this.#replicas.close()
  }

  /** Marks are Redis's, whatever the time is here. */
  protected override newLog(): ThreadLog {
    return new ThreadLog(0)
  }

  protected override isWhole(threadId: string): boolean {
    return this.#replicas.isRead(threadId)
  }

  /** A run may be longer than facts live. */
  #keepAlive(): void {
    this.#refresh = null
    // Those that live on are noted anew.
    const begun = new Map(this.#begun)
    for (const [runId, threadId] of begun) {
      this.#begun.delete(runId)
      if (this.#isWriting(runId)) this.runStarted(threadId, runId)
    }
  }

  /** Whoever begins to read is told nothing of threads that had the id before, and may be somebody else's. */
  #take(threadId: string, entries: readonly Entry[]): void {
    const lastGone = entries.findLastIndex(isGone)
    const told = this.#replicas.isRead(threadId) ? entries : entries.slice(Math.max(lastGone, 0))
    for (const entry of told) {
      const [kind = '', content = ''] = entry.fields
      if (isGone(entry)) this.#beginAnew(threadId, entry.number)
      else this.add(this.logOf(threadId), { mark: entry.number, fact: factOf(kind, content) })
    }
  }

  /** Readers of the thread that is gone finish with it; a later one of the same id has a log of its own. */
  #beginAnew(threadId: string, lastMark: number): void {
    this.logOf(threadId).end()
    this.logs.set(threadId, new ThreadLog(lastMark))
  }
}

function isGone({ fields }: Entry): boolean {
  return fields[0] === 'gone'
}

function factOf(kind: string, content: string): ThreadFact {
  if (kind === 'state') return { kind, checkpointId: content === '' ? null : content }
  return { kind: kind === 'run' ? 'run' : 'run_done', runId: content }
}
