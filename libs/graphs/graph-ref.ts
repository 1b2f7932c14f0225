import { AppError, describeError, isJsonObject, type JsonObject } from '#kernel'
import type { CompiledGraph } from './compiled-graph.js'
import type { GraphRegistry } from './graph-registry.js'
import { graphNotMade } from './graphs.errors.js'

/** The graph behind an assistant, and the assistant's config for graphs that a factory makes. */
export interface GraphRef {
  readonly graphId: string
  readonly assistantId: string
  readonly config: JsonObject
}

/**
 * The graph as the assistant would run it.
 * @throws AppError `graph_not_found` when it is no longer configured; `graph_not_made` when its factory fails, which
 * may be for the config that a client gave the assistant.
 */
export async function graphOf(registry: GraphRegistry, ref: GraphRef): Promise<CompiledGraph> {
  const { graphId, assistantId, config } = ref
  const own = isJsonObject(config['configurable']) ? config['configurable'] : {}
  try {
    const configurable = { ...own, graph_id: graphId, assistant_id: assistantId }
    return await registry.get(graphId, { ...config, configurable })
  } catch (error) {
    if (error instanceof AppError && error.status < 500) throw error
    throw graphNotMade(graphId, describeError(error).message)
  }
}
