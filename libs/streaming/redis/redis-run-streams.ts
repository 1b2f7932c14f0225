import { type Clock, describeError, type Logger } from '#kernel'
import { LoggedRunStreams } from '../logged-run-streams.js'
import type { StreamLimits } from '../run-logs.js'
import type { AttachOptions, OpenOptions } from '../run-streams.js'
import { runPlace } from './places.js'
import type { RedisLink } from './redis-link.js'
import { END } from './redis-scripts.js'
import { type Entry, Replicas } from './replicas.js'
import { RunJournal } from './run-journal.js'

/** How long Redis must have been there before a run that nobody ended is ended: its events may be on their way, in ms. */
const SETTLED_MS = 10_000

/** What the streams of a process need. */
export interface RedisStreamsOptions {
  readonly link: RedisLink
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: StreamLimits
}

/**
 * Live events of runs between processes: whoever executes a run copies its events to a stream in Redis, and whoever has
 * readers of it copies them from there. Readers always read the log in their own process.
 */
export class RedisRunStreams extends LoggedRunStreams {
  readonly #journal: RunJournal
  readonly #replicas: Replicas
  /** Runs that have ended, while it is not known yet whether anything is kept of them. */
  readonly #over = new Set<string>()
  #upSince: number

  constructor(private readonly options: RedisStreamsOptions) {
    const { link, clock, logger, limits } = options
    super(clock, limits)
    this.#journal = new RunJournal(link, this.logs, clock, logger, {
      retentionMs: limits.retentionMs,
      onFenced: (runId) => this.#giveUp(runId),
    })
    this.#replicas = new Replicas(link, clock, logger, {
      isWanted: (runId) => !this.#journal.isWriting(runId),
      take: (runId, entries) => this.#take(runId, entries),
      wasRead: (runId) => this.#wasRead(runId),
      left: (runId) => this.#left(runId),
      place: (runId) => runPlace(link.prefix, runId),
    })
    this.#upSince = this.#now()
    link.onUp(() => (this.#upSince = this.#now()))
  }

  /** Whether this process writes the run's events. */
  isWriting(runId: string): boolean {
    return this.#journal.isWriting(runId)
  }

  override open(runId: string, { replayable, attempt = 1 }: OpenOptions): void {
    const log = this.logs.open(runId, replayable, attempt)
    if (log.attempt > attempt) return
    this.#journal.begin(runId, attempt, this.#replicas.readOf(runId))
  }

  override append(runId: string, event: string, json: string, attempt?: number): void {
    const log = this.logs.get(runId)
    // What a run says that was taken from this process is for nobody.
    if (!log || log.isEnded || (attempt ?? log.attempt) < log.attempt || !this.#journal.isWriting(runId)) return
    this.logs.change(log, () => log.append(event, json))
    this.#journal.note(runId)
  }

  override flushed(runId: string): Promise<void> {
    return this.#journal.flushed(runId)
  }

  override leave(runId: string, attempt: number): void {
    this.handOver(runId, attempt)
  }

  override handOver(runId: string, attempt: number): void {
    if (this.#journal.attempt(runId) <= attempt) this.#giveUp(runId)
  }

  override end(runId: string, errorJson: string | null = null): void {
    if (!this.#journal.isWriting(runId)) return this.#endOther(runId, errorJson)
    if (errorJson !== null) this.append(runId, 'error', errorJson)
    this.logs.end(runId)
    this.#journal.end(runId)
  }

  override abandon(runId: string, errorJson: string | null = null): void {
    const { link } = this.options
    if (link.isUp && this.#now() - this.#upSince >= SETTLED_MS) this.end(runId, errorJson)
  }

  override async attach(runId: string, options: AttachOptions, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { replayable, attempt, takesOver = false } = options
    // What others have written since an earlier attempt here is read; what that one has not sent yet, is in the log.
    if (takesOver) this.#journal.drop(runId)
    const known = this.logs.get(runId)
    // Its events themselves tell the attempts.
    if (!known) this.logs.open(runId, replayable, 0)
    if (!known && attempt === null) this.#over.add(runId)
    await this.#replicas.attach(runId, signal)
  }

  override closeAll(): void {
    this.#journal.close()
    this.#replicas.close()
    super.closeAll()
  }

  protected override isWhole(runId: string): boolean {
    return this.#journal.isWriting(runId) || this.#replicas.isRead(runId)
  }

  #take(runId: string, entries: readonly Entry[]): void {
    const log = this.logs.get(runId)
    if (!log) return
    this.logs.change(log, () => {
      for (const { number, fields } of entries) {
        const [, event = '', , json = ''] = fields
        if (fields[0] === 'e') log.take(number - 1, event, json)
      }
    })
    if (entries.at(-1)?.fields[0] === 'x') this.logs.end(runId)
  }

  /** Somebody else executes the run: what it writes is read from now on, where somebody reads here. */
  #giveUp(runId: string): void {
    this.#journal.drop(runId)
    if (this.#replicas.ids.includes(runId)) void this.#replicas.fetch(runId)
    else this.logs.forget(runId)
  }

  /** Where nothing is kept of a run that has ended, nothing will come. */
  #wasRead(runId: string): void {
    if (this.#over.delete(runId) && this.logs.get(runId)?.nextSeq === 0) this.logs.end(runId)
  }

  /** What is written here is kept for late readers; a copy of what others write is read anew for them. */
  #left(runId: string): void {
    this.#over.delete(runId)
    if (!this.#journal.knows(runId)) this.logs.forget(runId)
  }

  #endOther(runId: string, errorJson: string | null): void {
    const { link, limits, logger } = this.options
    const { key, channel } = runPlace(link.prefix, runId)
    END.run(link, key, [String(limits.retentionMs), channel, errorJson ?? '']).catch((err: unknown) => {
      // Whoever has readers of the run finds out by looking for it in the database.
      logger.debug({ err: describeError(err), run_id: runId }, 'the end of a run could not be told')
    })
  }

  #now(): number {
    return this.options.clock.now().getTime()
  }
}
