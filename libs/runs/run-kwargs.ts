import { isIdentityKey } from '#graphs'
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

/**
 * `thread.config` once the run is accepted: assistant ← thread ← request (contract 5.3 step 3), without what belongs to
 * this run alone: a fork point that stayed would send every later run back to it.
 */
export function mergeThreadConfig(request: RunRequest, { assistant, thread }: RunLayers): JsonObject {
  return {
    ...assistant.config,
    ...thread.config,
    ...request.config,
    configurable: withoutKeys(mergeConfigurable(request, { assistant, thread }), (key) => KEYS_OF_ONE_RUN.has(key)),
  }
}

/** `run.kwargs` (contract 2.3); what headers inject is kept apart. */
export function buildKwargs(request: RunRequest, layers: RunLayers, temporary: boolean): RunKwargs {
  const { assistant } = layers
  const configurable = { ...mergeConfigurable(request, layers), ...request.checkpoint }
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

/** Names in `configurable` that mean one run: where it forks from, its ids, and the cron that made it. */
const KEYS_OF_ONE_RUN = new Set([
  'checkpoint_id',
  'checkpoint_ns',
  'checkpoint_map',
  'run_id',
  'thread_id',
  'graph_id',
  'assistant_id',
  'cron_id',
])

/** Without what only authentication says of the caller: a graph may trust it. */
function mergeConfigurable(request: RunRequest, { assistant, thread }: RunLayers): JsonObject {
  const merged = {
    ...configurableOf(assistant.config),
    ...configurableOf(thread.config),
    ...configurableOf(request.config),
  }
  return withoutKeys(merged, isIdentityKey)
}

function withoutKeys(object: JsonObject, isLeftOut: (key: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !isLeftOut(key)))
}

function configurableOf(config: JsonObject): JsonObject {
  return objectAt(config, 'configurable')
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key]
  return isJsonObject(value) ? value : {}
}
