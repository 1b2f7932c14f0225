import { isJsonObject, type JsonObject } from '#kernel'
import type { RunKwargs } from './run.js'
import type { RunRequest } from './run-request.js'

/** The configuration layers under a run's own, weakest first (contract 2.3). */
export interface RunLayers {
  readonly assistant: {
    readonly assistantId: string
    readonly config: JsonObject
    readonly context: JsonObject
    readonly metadata: JsonObject
  }
  readonly thread: { readonly config: JsonObject; readonly metadata: JsonObject }
}

/** `run.metadata`: assistant ← thread ← request, then the assistant's id (contract 2.3). */
export function mergeMetadata(request: RunRequest, { assistant, thread }: RunLayers): JsonObject {
  return { ...assistant.metadata, ...thread.metadata, ...request.metadata, assistant_id: assistant.assistantId }
}

/** `thread.config` once the run is accepted: assistant ← thread ← request (contract 5.3 step 3). */
export function mergeThreadConfig(request: RunRequest, { assistant, thread }: RunLayers): JsonObject {
  return {
    ...assistant.config,
    ...thread.config,
    ...request.config,
    configurable: {
      ...configurableOf(assistant.config),
      ...configurableOf(thread.config),
      ...configurableOf(request.config),
    },
  }
}

/** `run.kwargs` (contract 2.3); what headers inject is kept apart. */
export function buildKwargs(request: RunRequest, layers: RunLayers, temporary: boolean): RunKwargs {
  const { assistant, thread } = layers
  const configurable = {
    ...configurableOf(assistant.config),
    ...configurableOf(thread.config),
    ...configurableOf(request.config),
    ...request.checkpoint,
  }
  const metadata = { ...objectAt(request.config, 'metadata'), ...mergeMetadata(request, layers) }
  return {
    input: request.input,
    command: request.command,
    config: { ...assistant.config, ...request.config, configurable, metadata },
    context: { ...assistant.context, ...request.context },
    stream_mode: request.streamModes,
    interrupt_before: request.interruptBefore,
    interrupt_after: request.interruptAfter,
    webhook: request.webhook,
    feedback_keys: request.feedbackKeys,
    temporary,
    subgraphs: request.streamSubgraphs,
    resumable: request.streamResumable,
    durability: request.durability,
  }
}

function configurableOf(config: JsonObject): JsonObject {
  return objectAt(config, 'configurable')
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key]
  return isJsonObject(value) ? value : {}
}
