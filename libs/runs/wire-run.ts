import type { WireRun } from '#events'
import { isJsonObject, type JsonObject } from '#kernel'
import { isSecretHeader } from './configurable-headers.js'
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
    kwargs: { ...run.kwargs, config: shownConfig(run) },
    multitask_strategy: run.multitaskStrategy,
  }
}

function shownConfig({ kwargs, injected }: Run): JsonObject {
  const configurable = isJsonObject(kwargs.config['configurable']) ? kwargs.config['configurable'] : {}
  return {
    ...withoutSecrets(kwargs.config, isInternalKey),
    configurable: {
      ...withoutSecrets(configurable, isSecretKey),
      ...withoutSecrets(injected, (key) => isInternalKey(key) || isSecretHeader(key)),
    },
  }
}

function withoutSecrets(object: JsonObject, isSecret: (key: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !isSecret(key)))
}

function isInternalKey(key: string): boolean {
  return key.startsWith('__') || key.startsWith('langgraph_auth_')
}

/**
 * A caller may send by hand what would else come from a header: names of headers that are secret are not shown either.
 * Other keys are the graph's own configuration (`max_tokens`) and stay.
 */
function isSecretKey(key: string): boolean {
  const name = key.toLowerCase()
  return isInternalKey(key) || (HEADER_NAME.test(name) && isSecretHeader(name))
}

const HEADER_NAME = /^(x-.*|(proxy-)?authorization|(set-)?cookie2?)$/
