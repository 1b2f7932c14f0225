import type { Clock, Timer } from '#kernel'
import type { GoneRun } from './run.js'

/** What is known of a run that has ended. */
export interface KnownResult {
  /** The answer of `wait` and `join`. */
  readonly json: string
  /** Where a stateless run was, whose rows are gone; null for a run that can be read from its tables. */
  readonly gone: GoneRun | null
}

/** What all results together may hold, in characters; beyond it the oldest are forgotten. */
const MAX_CHARACTERS = 64 * 2 ** 20

/** Results of runs that have just ended, for clients that ask a little later. Bounded in time and size. */
export class ResultCache {
  readonly #entries = new Map<string, KnownResult & { readonly expiry: Timer }>()
  #characters = 0

  /** `retentionMs`: how long a result stays. */
  constructor(
    private readonly clock: Clock,
    private readonly retentionMs: number,
    private readonly maxCharacters = MAX_CHARACTERS,
  ) {}

  get(runId: string): KnownResult | null {
    return this.#entries.get(runId) ?? null
  }

  set(runId: string, known: KnownResult): void {
    this.#forget(runId)
    const expiry = this.clock.after(this.retentionMs, () => this.#forget(runId))
    this.#entries.set(runId, { ...known, expiry })
    this.#characters += known.json.length
    for (const oldest of this.#entries.keys()) {
      if (this.#characters <= this.maxCharacters || oldest === runId) break
      this.#forget(oldest)
    }
  }

  #forget(runId: string): void {
    const entry = this.#entries.get(runId)
    if (!entry) return
    entry.expiry.cancel()
    this.#characters -= entry.json.length
    this.#entries.delete(runId)
  }
}
