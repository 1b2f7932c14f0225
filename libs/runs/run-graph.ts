import { Injectable } from '@nestjs/common'
import { CallerContext, callerIn } from '#auth'
import { type ExecuteHooks, type ExecuteOutcome, type ExecuteRequest, GraphExecutor } from '#graphs'
import { isJsonObject, labelled } from '#kernel'
import type { Run } from './run.js'

/** Lets the graph of a run work, in the name of whoever has made the run. */
@Injectable()
export class RunGraph {
  constructor(
    private readonly executor: GraphExecutor,
    private readonly callers: CallerContext,
  ) {}

  /** @throws what the executor throws. */
  execute(run: Run, hooks: ExecuteHooks): Promise<ExecuteOutcome> {
    const request = toExecuteRequest(run)
    const { runId: run_id, threadId: thread_id, assistantId: assistant_id, graphId: graph_id } = request
    return labelled({ run_id, thread_id, assistant_id, graph_id }, () =>
      this.callers.run(callerIn(run.injected), () => this.executor.execute(request, hooks)),
    )
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
