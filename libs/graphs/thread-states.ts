import type { StateSnapshot } from '@langchain/langgraph'
import { Injectable } from '@nestjs/common'
import { isJsonObject, type JsonObject } from '#kernel'
import { Checkpoints } from './checkpoints.js'
import { withCheckpointer } from './compiled-graph.js'
import { toPlain } from './graph-json.js'
import type { SettledState } from './execute-request.js'
import { GraphRegistry } from './graph-registry.js'
import { settle } from './settled-state.js'
import { EMPTY_THREAD_STATE, type ThreadState, toThreadState } from './thread-state.js'

/** The thread whose state is read: its graph (null before the first run) and config, for graphs made by a factory. */
export interface ThreadRef {
  readonly threadId: string
  readonly graphId: string | null
  readonly config: JsonObject
}

/** Which state: the latest of the root graph unless said otherwise. */
export interface ReadStateOptions {
  readonly checkpointId?: string | undefined
  /** A subgraph, for example `weather_graph:<task id>`. */
  readonly checkpointNs?: string | undefined
  readonly checkpointMap?: JsonObject | null | undefined
  /** Fill in the states of subgraph tasks. */
  readonly subgraphs?: boolean | undefined
}

/** Reads the states of threads from their checkpoints. */
@Injectable()
export class ThreadStates {
  constructor(
    private readonly registry: GraphRegistry,
    private readonly checkpoints: Checkpoints,
  ) {}

  /**
   * The state as a client sees it (contract 2.4); the empty one when no graph ran or no such checkpoint exists.
   * @throws AppError `graph_not_found` when the thread's graph is no longer configured; what its factory throws.
   */
  async read(ref: ThreadRef, options: ReadStateOptions = {}): Promise<ThreadState> {
    if (ref.graphId === null) return EMPTY_THREAD_STATE
    return toPlain(toThreadState(await this.#snapshot(ref, ref.graphId, options))) as ThreadState
  }

  /** The latest state as a run's end stores it; null when the thread has no checkpoint. @throws as `read` does. */
  async settled(ref: ThreadRef): Promise<SettledState | null> {
    return ref.graphId === null ? null : settle(await this.#snapshot(ref, ref.graphId, {}))
  }

  async #snapshot(ref: ThreadRef, graphId: string, options: ReadStateOptions): Promise<StateSnapshot> {
    const configurable = address(ref, options)
    const graph = await this.registry.get(graphId, { ...ref.config, configurable })
    const reader = withCheckpointer(graph, this.checkpoints.saver)
    return reader.getState({ configurable }, { subgraphs: options.subgraphs ?? false })
  }
}

function address(ref: ThreadRef, { checkpointId, checkpointNs, checkpointMap }: ReadStateOptions): JsonObject {
  const own = isJsonObject(ref.config['configurable']) ? ref.config['configurable'] : {}
  const { checkpoint_id: _id, checkpoint_ns: _ns, checkpoint_map: _map, ...configurable } = own
  return {
    ...configurable,
    thread_id: ref.threadId,
    graph_id: ref.graphId,
    checkpoint_ns: checkpointNs ?? '',
    ...(checkpointId ? { checkpoint_id: checkpointId } : {}),
    ...(checkpointMap ? { checkpoint_map: checkpointMap } : {}),
  }
}
