import { isJsonObject, type JsonObject, storableText } from '#kernel'

/** The thread whose state is meant: its graph (null before the first run) and config, for graphs made by a factory. */
export interface ThreadRef {
  readonly threadId: string
  readonly graphId: string | null
  readonly config: JsonObject
}

/** Which checkpoint of a thread: the latest of the root graph unless said otherwise. */
export interface CheckpointRef {
  readonly checkpointId?: string | undefined
  /** A subgraph, for example `weather_graph:<task id>`. */
  readonly checkpointNs?: string | undefined
  readonly checkpointMap?: JsonObject | null | undefined
}

/** What LangGraph needs to find a checkpoint, with the rest of the thread's own `configurable`. */
export function stateAddress(ref: ThreadRef, { checkpointId, checkpointNs, checkpointMap }: CheckpointRef): JsonObject {
  const own = isJsonObject(ref.config['configurable']) ? ref.config['configurable'] : {}
  const { checkpoint_id: _id, checkpoint_ns: _ns, checkpoint_map: _map, ...configurable } = own
  return {
    ...withoutSteering(configurable),
    thread_id: ref.threadId,
    graph_id: ref.graphId,
    checkpoint_ns: storableText(checkpointNs ?? ''),
    ...(checkpointId ? { checkpoint_id: checkpointId } : {}),
    ...(checkpointMap ? { checkpoint_map: checkpointMap } : {}),
  }
}

/** Keys that begin with `__` steer LangGraph itself: none comes from a thread. */
function withoutSteering(configurable: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(configurable).filter(([key]) => !key.startsWith('__')))
}
