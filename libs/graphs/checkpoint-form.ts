import { isJsonObject, type JsonObject } from '#kernel'
import { withoutPrivateKeys } from './private-keys.js'

/** A checkpoint's address in its wire form (contract 2.4). */
export interface WireCheckpoint {
  readonly thread_id: string
  readonly checkpoint_id: string
  readonly checkpoint_ns: string
  readonly checkpoint_map: JsonObject | null
}

/**
 * The address that a LangGraph config holds; null when it names no checkpoint. Ancestors are in the map only for a
 * checkpoint of a subgraph: `parents` of its metadata say so.
 */
export function toCheckpoint(config: unknown, metadata: unknown = null): WireCheckpoint | null {
  const configurable = configurableOf(config)
  const id = configurable['checkpoint_id']
  if (typeof id !== 'string') return null
  const namespace = text(configurable['checkpoint_ns'])
  const parents = isJsonObject(metadata) && isJsonObject(metadata['parents']) ? metadata['parents'] : {}
  const map = Object.keys(parents).length > 0 ? { ...parents, [namespace]: id } : null
  return {
    thread_id: text(configurable['thread_id']),
    checkpoint_id: id,
    checkpoint_ns: namespace,
    checkpoint_map: map,
  }
}

/** Where a subgraph's checkpoints are: its thread and namespace, without an id (contract 2.4, tasks). */
export function toSubgraphAddress(config: unknown): JsonObject | null {
  const { thread_id, checkpoint_ns } = configurableOf(config)
  return checkpoint_ns === undefined ? null : { thread_id, checkpoint_ns }
}

/** A task's error as text: LangGraph keeps `{name, message}`. */
export function taskError(error: unknown): string | null {
  if (error === null || error === undefined) return null
  if (typeof error === 'string') return error
  if (!isJsonObject(error)) return JSON.stringify(error)
  const { name, message } = error
  return `${text(name) || 'Error'}: ${text(message)}`
}

/**
 * The payload of a `checkpoints` part (contract 6.3). Of the configs only what a client may see is kept: LangGraph
 * puts its callbacks and private keys there.
 */
export function checkpointPayload(payload: JsonObject): JsonObject {
  const { config, parentConfig, tasks, ...rest } = payload
  return {
    ...rest,
    tasks: Array.isArray(tasks) ? tasks.filter(isJsonObject).map(checkpointTask) : [],
    config: publicConfig(config),
    parent_config: publicConfig(parentConfig),
    checkpoint: toCheckpoint(config, payload['metadata']),
    parent_checkpoint: toCheckpoint(parentConfig),
  }
}

/** The payload of a `tasks` part: as LangGraph gives it, with a text for the error. */
export function taskPayload(payload: JsonObject): JsonObject {
  return 'error' in payload ? { ...payload, error: taskError(payload['error']) } : payload
}

/** The payload of a `debug` part, by its type. */
export function debugPayload(payload: JsonObject): JsonObject {
  const inner = payload['payload']
  if (!isJsonObject(inner)) return payload
  return { ...payload, payload: payload['type'] === 'checkpoint' ? checkpointPayload(inner) : taskPayload(inner) }
}

function checkpointTask({ state, ...task }: JsonObject): JsonObject {
  return { ...taskPayload(task), checkpoint: toSubgraphAddress(state) }
}

function publicConfig(config: unknown): JsonObject | null {
  if (!isJsonObject(config)) return null
  const { tags, metadata, recursion_limit } = config
  return { configurable: withoutPrivateKeys(configurableOf(config)), tags, metadata, recursion_limit }
}

function configurableOf(config: unknown): JsonObject {
  if (!isJsonObject(config) || !isJsonObject(config['configurable'])) return {}
  return config['configurable']
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
