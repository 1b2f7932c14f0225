import { Injectable, type OnModuleInit } from '@nestjs/common'
import { isAlone, Settings } from '#config'
import { isDatabaseAway } from '#database'
import { EventBus, type RunFinished, type WireRun } from '#events'
import { aborted, Clock, type JsonObject } from '#kernel'
import { ResultCache } from './result-cache.js'
import { EMPTY_RESULT, storedResult } from './run-result.js'
import type { GoneRun, RunPlace } from './run.js'
import { StoredResults } from './stored-results.js'

/** A run that somebody waits for. */
type AwaitedRun = Pick<RunPlace, 'threadId' | 'runId'>

/** How often a waiter looks at the table, in case a wake-up was lost, in ms. */
const POLL_MS = 5_000

/**
 * Answers of `wait` and `join`. The process that executed a run knows its exact result and keeps it for a while;
 * otherwise the result is worked out from the tables. Waiters are woken by the commit, not by a poll.
 */
@Injectable()
export class RunResults implements OnModuleInit {
  readonly #prepared = new Map<string, string>()
  readonly #known: ResultCache
  readonly #isAlone: boolean
  readonly #waiting = new Map<string, Set<() => void>>()

  constructor(
    settings: Settings,
    private readonly clock: Clock,
    private readonly bus: EventBus,
    private readonly stored: StoredResults,
  ) {
    this.#isAlone = isAlone(settings)
    this.#known = new ResultCache(clock, settings.runs.eventRetentionMs)
  }

  onModuleInit(): void {
    this.bus.afterCommit('run.finished', 'runs.results', (event) => this.#complete(event))
    this.bus.anywhere('run.finished', 'runs.waiters', (runId) => this.#wake(runId))
    this.bus.whenMissed('runs.waiters', () => this.#wakeAll())
  }

  /** Says what the answer will be once the run's end is committed. */
  prepare(runId: string, json: string): void {
    this.#prepared.set(runId, json)
  }

  /** The end was not committed after all: somebody else owns the run. */
  discard(runId: string): void {
    this.#prepared.delete(runId)
  }

  /** The answer to a run's end, as JSON text. */
  answerTo({ run, error, valuesJson }: RunFinished): string {
    return this.#prepared.get(run.run_id) ?? storedResult(error, valuesJson)
  }

  /** The place of a stateless run whose rows went with its end, while its result is still known. */
  async goneRun(runId: string): Promise<GoneRun | null> {
    const known = this.#known.get(runId)
    return known ? known.gone : this.stored.goneRun(runId)
  }

  /**
   * The result as JSON text, once the run has ended; null when the signal aborts first. `isNew` says that the caller has
   * just made the run: if it has ended since, then in this process, unless there are others.
   */
  async waitFor({ threadId, runId }: AwaitedRun, signal: AbortSignal, isNew = false): Promise<string | null> {
    const left = aborted(signal)
    for (let looksUp = !isNew || !this.#isAlone; ; looksUp = true) {
      const woken = this.#nextWake(runId)
      try {
        const json = this.#known.get(runId)?.json ?? (looksUp ? await this.#readOrWait(threadId, runId) : null)
        if (json !== null) return json
        await Promise.race([woken.promise, left])
        if (signal.aborted) return null
      } finally {
        woken.end()
      }
    }
  }

  #complete(event: RunFinished): void {
    const { run, threadMetadata } = event
    const json = this.answerTo(event)
    this.#prepared.delete(run.run_id)
    const gone = run.kwargs['temporary'] === true ? placeOf(run, threadMetadata) : null
    this.#known.set(run.run_id, { json, gone })
  }

  #wake(runId: string): void {
    for (const wake of this.#waiting.get(runId) ?? []) wake()
  }

  #wakeAll(): void {
    for (const runId of this.#waiting.keys()) this.#wake(runId)
  }

  /** An answer that is open lasts over a time without a database: nobody would ask for it again. */
  async #readOrWait(threadId: string, runId: string): Promise<string | null> {
    try {
      return await this.#readStored(threadId, runId)
    } catch (error) {
      if (isDatabaseAway(error)) return null
      throw error
    }
  }

  /** Null while the run is under way; a run that is gone (rolled back, stateless) has nothing to show. */
  async #readStored(threadId: string, runId: string): Promise<string | null> {
    const stored = await this.stored.read(threadId, runId)
    if (stored !== 'gone') return stored?.json ?? null
    // Its end may be visible to this connection before the one that commits it has been told so.
    if (this.#prepared.has(runId)) return null
    return this.#known.get(runId)?.json ?? EMPTY_RESULT
  }

  #nextWake(runId: string): { promise: Promise<void>; end: () => void } {
    const all = this.#waiting.get(runId) ?? new Set<() => void>()
    this.#waiting.set(runId, all)
    let end = (): void => {}
    const promise = new Promise<void>((wake) => {
      const poll = this.clock.after(POLL_MS, wake)
      all.add(wake)
      end = () => {
        poll.cancel()
        all.delete(wake)
        if (all.size === 0) this.#waiting.delete(runId)
      }
    })
    return { promise, end: () => end() }
  }
}

function placeOf(run: WireRun, threadMetadata: JsonObject): GoneRun {
  return { runId: run.run_id, threadId: run.thread_id, temporary: true, threadMetadata }
}
