import { Injectable } from '@nestjs/common'
import { type AskPart, Clock, Logger, ReadinessProbes } from '#kernel'

/** How long a part may take to answer a probe, in ms. */
export const PROBE_DEADLINE_MS = 2_000

/** Asks the parts that the process stands on whether they are there. */
@Injectable()
export class Parts {
  readonly #asking = new Map<string, Promise<string | null>>()

  constructor(
    private readonly probes: ReadinessProbes,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Those without which the process can serve, if not as well. */
  get optional(): ReadonlySet<string> {
    return this.probes.optional
  }

  /** What is wrong with each part, null where nothing is, all asked at once. */
  async faults(): Promise<Record<string, string | null>> {
    const names = [...this.probes.all.keys()]
    const faults = await Promise.all(names.map((name) => this.fault(name)))
    return Object.fromEntries(names.map((name, place) => [name, faults[place] ?? null]))
  }

  /**
   * Null when the part answers in time, else what is wrong, as the rest of a sentence after its name. Probes that come
   * together share one question, so that a stuck part is not asked by more and more of them. @throws Error for no part.
   */
  async fault(name: string): Promise<string | null> {
    const ask = this.probes.all.get(name)
    if (!ask) throw new Error(`there is no part named ${name}`)
    const asking = this.#asking.get(name) ?? this.#ask(name, ask)
    return await this.#inTime(asking)
  }

  #ask(name: string, ask: AskPart): Promise<string | null> {
    const asking = this.#answer(name, ask).finally(() => this.#asking.delete(name))
    this.#asking.set(name, asking)
    return asking
  }

  async #answer(name: string, ask: AskPart): Promise<string | null> {
    try {
      return await ask()
    } catch (err) {
      this.logger.warn({ err, part: name }, 'a part of the server failed a health probe')
      return 'failed to answer'
    }
  }

  #inTime(asking: Promise<string | null>): Promise<string | null> {
    return new Promise((resolve, reject) => {
      const timer = this.clock.after(PROBE_DEADLINE_MS, () => resolve(`did not answer within ${PROBE_DEADLINE_MS} ms`))
      asking.then(resolve, reject).finally(() => timer.cancel())
    })
  }
}
