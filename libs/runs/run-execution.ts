import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import type { ExecuteOutcome } from '#graphs'
import { aborted, Clock, Logger, type Timer } from '#kernel'
import { endingOf } from './run-ending.js'
import { RunEvents } from './run-events.js'
import { RunGraph } from './run-graph.js'
import { RunFinisher } from './run-finisher.js'
import type { Claim } from './run-queue.repository.js'
import type { RunStop } from './run-stop.js'
import type { Run } from './run.js'

const LOST = 'the run is another process’s by now, or gone with its thread; nothing more of it is stored here'

/**
 * How long a graph that was stopped may take to be put away, in ms. The executor leaves one behind that ignores its
 * signal; this is for whatever else holds it: the run must not keep its slot and its lease for ever.
 */
const PUT_AWAY_MS = 15_000

const LEFT_BEHIND: ExecuteOutcome = {
  status: 'aborted',
  error: null,
  lastValuesJson: null,
  interruptsJson: null,
  state: null,
}

/** Executes one claimed run and stores its end. Holds no transaction while the graph runs. */
@Injectable()
export class RunExecution {
  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly graph: RunGraph,
    private readonly events: RunEvents,
    private readonly finisher: RunFinisher,
    private readonly logger: Logger,
  ) {}

  /** Resolves once the run's end is stored, or at once when it was lost or handed back. */
  async execute(run: Run, claim: Claim, stop: RunStop): Promise<void> {
    await this.events.started(run)
    const outcome = await this.#outcome(run, stop)
    if (stop.cause === 'lost') return this.#leave(run, stop)
    if (stop.cause === 'shutdown') return this.events.handedOver(run)
    await this.events.given(run.runId)
    const timedOutAfterMs = stop.cause === 'timeout' ? this.settings.runs.timeoutMs : null
    const ending = endingOf(outcome, { timedOutAfterMs })
    if (ending.error) this.logger.warn({ run_id: run.runId, error: ending.error }, 'a run failed')
    const isStored = await this.finisher.finish({ claim, threadId: run.threadId, ending, outcome }, stop)
    if (!isStored) await this.events.left(run)
  }

  async #leave(run: Run, stop: RunStop): Promise<void> {
    this.logger.warn({ run_id: run.runId }, LOST)
    await this.events.handedOver(run)
    await this.finisher.leave(run, stop)
  }

  /** @throws when the state cannot be read: nothing is known of the graph's end, so the run is left to its lease. */
  async #outcome(run: Run, stop: RunStop): Promise<ExecuteOutcome> {
    const limit = this.settings.runs.timeoutMs
    const timer = limit === null ? null : this.clock.after(limit, () => stop.stop('timeout'))
    const watch = new AbortController()
    try {
      const executing = this.graph.execute(run, {
        signal: stop.signal,
        mayWrite: () => this.#mayWrite(run, stop),
        onPart: (part) => this.events.part(run, part),
      })
      return await Promise.race([executing, this.#leftBehind(run, stop.signal, watch.signal)])
    } finally {
      timer?.cancel()
      watch.abort()
    }
  }

  /**
   * A step whose checkpoint is stored is not done again: what it has said must be where others can read it before, or it
   * would be lost with this process. While Redis is away nothing is waited for.
   */
  async #mayWrite(run: Run, stop: RunStop): Promise<boolean> {
    await this.events.given(run.runId)
    return stop.mayWrite()
  }

  /** Resolves a while after the stop; never when `done` aborts before. */
  async #leftBehind(run: Run, stopped: AbortSignal, done: AbortSignal): Promise<ExecuteOutcome> {
    await aborted(AbortSignal.any([stopped, done]))
    return new Promise((resolve) => {
      if (done.aborted) return
      const deadline: Timer = this.clock.after(PUT_AWAY_MS, () => {
        this.logger.warn({ run_id: run.runId }, 'a graph that was stopped does not come back; its run ends without it')
        resolve(LEFT_BEHIND)
      })
      done.addEventListener('abort', () => deadline.cancel(), { once: true })
    })
  }
}
