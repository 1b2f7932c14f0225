import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { type ExecuteOutcome, type ExecuteRequest, GraphExecutor } from '#graphs'
import { Clock, describeError, isJsonObject } from '#kernel'
import { RunStreams } from '#streaming'
import { endingOf } from './run-ending.js'
import { RunFinisher } from './run-finisher.js'
import type { Claim } from './run-queue.repository.js'
import type { RunStop } from './run-stop.js'
import type { Run } from './run.js'

/** Executes one claimed run and stores its end. Holds no transaction while the graph runs. */
@Injectable()
export class RunExecution {
  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly executor: GraphExecutor,
    private readonly streams: RunStreams,
    private readonly finisher: RunFinisher,
  ) {}

  /** Resolves once the run's end is stored, or at once when it was lost or handed back. */
  async execute(run: Run, claim: Claim, stop: RunStop): Promise<void> {
    this.streams.open(run.runId, { replayable: run.kwargs.resumable, attempt: run.attempt })
    this.streams.append(run.runId, 'metadata', JSON.stringify({ run_id: run.runId, attempt: run.attempt }))
    const outcome = await this.#outcome(run, stop)
    if (stop.cause === 'lost' || stop.cause === 'shutdown') return
    const timedOutAfterMs = stop.cause === 'timeout' ? this.settings.runs.timeoutMs : null
    const ending = endingOf(outcome, { timedOutAfterMs })
    const isStored = await this.finisher.finish({ claim, threadId: run.threadId, ending, outcome })
    // Nothing more comes from here: readers look up how the run stands and attach anew if it goes on elsewhere.
    if (!isStored) this.streams.end(run.runId)
  }

  /** A failure outside the graph (it is gone from `langgraph.json`) ends the run like one inside. */
  async #outcome(run: Run, stop: RunStop): Promise<ExecuteOutcome> {
    const limit = this.settings.runs.timeoutMs
    const timer = limit === null ? null : this.clock.after(limit, () => stop.stop('timeout'))
    try {
      return await this.executor.execute(toExecuteRequest(run), {
        signal: stop.signal,
        onPart: ({ event, json }) => this.streams.append(run.runId, event, json),
      })
    } catch (error) {
      return { status: 'error', error: describeError(error), lastValuesJson: null, interruptsJson: null, state: null }
    } finally {
      timer?.cancel()
    }
  }
}

function toExecuteRequest(run: Run): ExecuteRequest {
  const { kwargs } = run
  const configurable = isJsonObject(kwargs.config['configurable']) ? kwargs.config['configurable'] : {}
  return {
    runId: run.runId,
    threadId: run.threadId,
    assistantId: run.assistantId,
    graphId: String(run.injected['graph_id']),
    attempt: run.attempt,
    input: kwargs.input,
    command: kwargs.command,
    config: { ...kwargs.config, configurable: { ...configurable, ...run.injected } },
    context: kwargs.context,
    streamModes: kwargs.stream_mode as ExecuteRequest['streamModes'],
    streamSubgraphs: kwargs.subgraphs,
    interruptBefore: kwargs.interrupt_before,
    interruptAfter: kwargs.interrupt_after,
    durability: kwargs.durability,
    temporary: kwargs.temporary,
  }
}
