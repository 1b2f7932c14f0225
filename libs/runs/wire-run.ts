import type { WireRun } from '#events'
import { isSecretHeader, withoutPrivateKeys } from '#graphs'
import { isJsonObject, type JsonObject } from '#kernel'
import type { Run } from './run.js'

/** The run as clients and receivers see it (contract 2.3), without anything secret. */
export function toWireRun(run: Run): WireRun {
  return {
    run_id: run.runId,
    thread_id: run.threadId,
    assistant_id: run.assistantId,
    created_at: run.createdAt.toISOString(),
    updated_at: run.updatedAt.toISOString(),
    metadata: run.metadata,
    status: run.status,
    kwargs: { ...run.kwargs, config: shownConfig(run), context: withoutPrivateKeys(run.kwargs.context) },
    multitask_strategy: run.multitaskStrategy,
  }
}

function shownConfig({ kwargs, injected }: Run): JsonObject {
  const configurable = isJsonObject(kwargs.config['configurable']) ? kwargs.config['configurable'] : {}
  return {
    ...withoutPrivateKeys(kwargs.config),
    configurable: { ...withoutPrivateKeys(configurable), ...withoutSecretHeaders(injected) },
  }
}

/** What headers brought is judged more strictly than what the caller configured: any secret word hides it. */
function withoutSecretHeaders(injected: JsonObject): JsonObject {
  const shown = Object.entries(withoutPrivateKeys(injected)).filter(([name]) => !isSecretHeader(name))
  return Object.fromEntries(shown)
}
