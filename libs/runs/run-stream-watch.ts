import { Injectable, type OnModuleDestroy } from '@nestjs/common'
import { Database } from '#database'
import { Clock, Logger, type Timer } from '#kernel'
import { RunStreams } from '#streaming'
import { RunsRepository } from './runs.repository.js'

/** How often the runs of open streams are looked up, in ms. */
const LOOK_MS = 5_000

/**
 * The slow look behind `RunStreamEnds`: ends the streams of runs that are not under way any more although nobody said
 * so (a lost acknowledgement of a commit). A run must be missing twice, so that what ends in this moment is told the
 * usual way, with its error.
 */
@Injectable()
export class RunStreamWatch implements OnModuleDestroy {
  readonly #readers = new Map<string, number>()
  #missing = new Set<string>()
  #timer: Timer | null = null

  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly runs: RunsRepository,
    private readonly streams: RunStreams,
    private readonly logger: Logger,
  ) {}

  /** Looks after the stream of this run until `done` aborts. */
  watch(runId: string, done: AbortSignal): void {
    if (done.aborted) return
    this.#readers.set(runId, (this.#readers.get(runId) ?? 0) + 1)
    done.addEventListener('abort', () => this.#leave(runId), { once: true })
    this.#timer ??= this.clock.after(LOOK_MS, () => void this.#look())
  }

  onModuleDestroy(): void {
    this.#timer?.cancel()
    this.#readers.clear()
  }

  #leave(runId: string): void {
    const others = (this.#readers.get(runId) ?? 1) - 1
    if (others > 0) this.#readers.set(runId, others)
    else this.#readers.delete(runId)
  }

  async #look(): Promise<void> {
    try {
      await this.#endMissing([...this.#readers.keys()])
    } catch (err) {
      this.logger.warn({ err }, 'the runs of open streams could not be looked up')
    }
    this.#timer = this.#readers.size > 0 ? this.clock.after(LOOK_MS, () => void this.#look()) : null
  }

  async #endMissing(runIds: readonly string[]): Promise<void> {
    const underWay = new Set(await this.runs.underWay(this.database, runIds))
    const missing = runIds.filter((runId) => !underWay.has(runId))
    const lost = missing.filter((runId) => this.#missing.has(runId))
    const errors = lost.length > 0 ? await this.runs.errors(this.database, lost) : null
    for (const runId of lost) this.streams.abandon(runId, errors?.get(runId) ?? null)
    this.#missing = new Set(missing)
  }
}
