import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import type { ExecuteOutcome } from '#graphs'
import { Clock, Logger } from '#kernel'
import { endingOf } from './run-ending.js'
import { RunEvents } from './run-events.js'
import { RunGraph } from './run-graph.js'
import { RunFinisher } from './run-finisher.js'
import type { Claim } from './run-queue.repository.js'
import type { RunStop } from './run-stop.js'
import type { Run } from './run.js'

const LOST = 'the run is another process’s by now, or gone with its thread; nothing more of it is stored here'

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
    if (stop.cause === 'lost') this.logger.warn({ run_id: run.runId }, LOST)
    if (stop.cause === 'lost' || stop.cause === 'shutdown') return this.events.handedOver(run.runId)
    await this.events.given(run.runId)
    const timedOutAfterMs = stop.cause === 'timeout' ? this.settings.runs.timeoutMs : null
    const ending = endingOf(outcome, { timedOutAfterMs })
    if (ending.error) this.logger.warn({ run_id: run.runId, error: ending.error }, 'a run failed')
    const isStored = await this.finisher.finish({ claim, threadId: run.threadId, ending, outcome })
    if (!isStored) this.events.left(run.runId)
  }

  /** @throws when the state cannot be read: nothing is known of the graph's end, so the run is left to its lease. */
  async #outcome(run: Run, stop: RunStop): Promise<ExecuteOutcome> {
    const limit = this.settings.runs.timeoutMs
    const timer = limit === null ? null : this.clock.after(limit, () => stop.stop('timeout'))
    try {
      return await this.graph.execute(run, {
        signal: stop.signal,
        mayWrite: stop.mayWrite,
        onPart: (part) => this.events.part(run, part),
      })
    } finally {
      timer?.cancel()
    }
  }
}
