import { newId } from '#kernel'
import type { Ground } from './run-ground.js'
import { buildKwargs, mergeMetadata } from './run-kwargs.js'
import type { RunRequest } from './run-request.js'
import { requireCarriable } from './run-size-limits.js'
import type { Run } from './run.js'

/** The row of a new run. @throws AppError `invalid_request` when its config has more keys than a graph can carry. */
export function buildRun(request: RunRequest, ground: Ground): Run {
  const { assistant, thread, temporary, now } = ground
  const runId = newId()
  const kwargs = buildKwargs(request, ground, temporary)
  requireCarriable(kwargs.config, request.injected)
  const identity = { run_id: runId, thread_id: thread.threadId, graph_id: assistant.graphId }
  return {
    runId,
    threadId: thread.threadId,
    assistantId: assistant.assistantId,
    status: 'pending',
    metadata: mergeMetadata(request, ground),
    kwargs,
    injected: { ...request.injected, ...identity, assistant_id: assistant.assistantId },
    multitaskStrategy: request.multitaskStrategy,
    webhook: request.webhook,
    temporary,
    attempt: 0,
    handedBack: 0,
    claimedBy: null,
    cancelAction: null,
    error: null,
    createdAt: new Date(now.getTime() + request.afterSeconds * 1_000),
    updatedAt: now,
    startedAt: null,
  }
}
