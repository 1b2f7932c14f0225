import { isJsonObject, type JsonObject } from '#kernel'
import type { Ground } from './run-ground.js'
import { buildKwargs, mergeMetadata } from './run-kwargs.js'
import type { RunRequest } from './run-request.js'
import { requireCarriable } from './run-size-limits.js'
import type { Run } from './run.js'

/** The row of a new run. @throws AppError `invalid_request` when its config has more keys than a graph can carry. */
export function buildRun(runId: string, request: RunRequest, ground: Ground): Run {
  const { assistant, thread, temporary, now } = ground
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
    injected: {
      ...userIdIn(kwargs.config, request.injected),
      ...request.injected,
      ...identity,
      assistant_id: assistant.assistantId,
    },
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

/** `user_id` is the caller's identity, where neither the request nor thread and assistant name another (contract 1.8). */
function userIdIn({ configurable }: JsonObject, { langgraph_auth_user_id: identity }: JsonObject): JsonObject {
  const isNamed = isJsonObject(configurable) && configurable['user_id'] !== undefined
  return identity === undefined || isNamed ? {} : { user_id: identity }
}
