import { isJsonObject, type JsonObject } from '#kernel'
import type { Breakpoints, ExecuteRequest } from './execute-request.js'
import { withoutPrivateKeys } from './private-keys.js'

/** What LangGraph is called with. */
export interface GraphCallConfig {
  readonly runId: string
  readonly tags: string[]
  readonly metadata: JsonObject
  readonly configurable: JsonObject
  readonly durability: ExecuteRequest['durability']
  readonly context?: JsonObject
  readonly recursionLimit?: number
  readonly maxConcurrency?: number
  readonly interruptBefore?: Breakpoints
  readonly interruptAfter?: Breakpoints
}

/**
 * The configuration of one attempt. Only known keys of the request's config are taken over: others (callbacks, a
 * store, a signal) are LangGraph's and not for clients to set.
 */
export function callConfig(request: ExecuteRequest): GraphCallConfig {
  const { tags, recursion_limit: recursionLimit, max_concurrency: maxConcurrency } = request.config
  return {
    runId: request.runId,
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    metadata: { ...objectOf(request.config['metadata']), ...runIds(request), run_attempt: request.attempt },
    configurable: { ...withoutInternalKeys(objectOf(request.config['configurable'])), ...runIds(request) },
    durability: request.durability,
    // A graph with a context schema checks whatever is given; left out, it takes `configurable` as before.
    ...(Object.keys(request.context).length > 0 ? { context: request.context } : {}),
    ...(typeof recursionLimit === 'number' ? { recursionLimit } : {}),
    ...(typeof maxConcurrency === 'number' ? { maxConcurrency } : {}),
    ...(request.interruptBefore ? { interruptBefore: request.interruptBefore } : {}),
    ...(request.interruptAfter ? { interruptAfter: request.interruptAfter } : {}),
  }
}

/** The same call aimed at the thread's latest checkpoint instead of the one the request forked from. */
export function fromLatestCheckpoint(config: GraphCallConfig): GraphCallConfig {
  const { checkpoint_id: _id, checkpoint_ns: _ns, checkpoint_map: _map, ...configurable } = config.configurable
  return { ...config, configurable }
}

/**
 * What a run leaves in the metadata of its checkpoints (contract 4.10): its own metadata, its ids, and primitive
 * configurable values. LangGraph adds `source`, `step` and `parents`.
 */
export function checkpointMetadata(config: GraphCallConfig): JsonObject {
  return { ...primitivesOf(config.configurable), ...config.metadata }
}

/** The configurable values that a checkpoint's metadata names: primitive ones that are not private. */
export function primitivesOf(configurable: JsonObject): JsonObject {
  const { checkpoint_id: _id, checkpoint_ns: _ns, checkpoint_map: _map, ...shown } = withoutPrivateKeys(configurable)
  const primitives = Object.entries(shown).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
  return Object.fromEntries(primitives)
}

function runIds({ runId, threadId, graphId, assistantId }: ExecuteRequest): JsonObject {
  return { run_id: runId, thread_id: threadId, graph_id: graphId, assistant_id: assistantId }
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}

/** Keys that begin with `__` steer LangGraph itself: nobody outside may set them. */
function withoutInternalKeys(configurable: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(configurable).filter(([key]) => !key.startsWith('__')))
}
