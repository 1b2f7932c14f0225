import type { StateSnapshot } from '@langchain/langgraph'
import { Injectable } from '@nestjs/common'
import { describeError, isJsonObject, type JsonObject } from '#kernel'
import { toCheckpoint, type WireCheckpoint } from './checkpoint-form.js'
import { Checkpoints } from './checkpoints.js'
import { type CompiledGraph, withCheckpointer, withStore } from './compiled-graph.js'
import type { SettledState } from './execute-request.js'
import { GraphRegistry } from './graph-registry.js'
import { GraphStore } from './graph-store.js'
import { updateRefused } from './graphs.errors.js'
import { type RunCommand, toLangGraphCommand } from './run-command.js'
import { primitivesOf } from './run-config.js'
import { settle } from './settled-state.js'
import { type CheckpointRef, stateAddress, type ThreadRef } from './state-address.js'
import type { StagedCheckpoints } from './staged-checkpoints.js'
import { StagedSaver } from './staged-saver.js'

/** One write to a state, as if a node had made it. */
export interface StateUpdate {
  /** What the node gives back; null clears or advances. */
  readonly values: unknown
  /** Goes before `values`. */
  readonly command?: RunCommand | null | undefined
  /** A node, `__input__`, `__start__`, `__copy__` or `__end__`; null lets LangGraph find the last one. */
  readonly asNode: string | null
}

/** Writes that make one checkpoint together. */
export type Superstep = readonly StateUpdate[]

/** A thread with a graph. */
export type UpdatableThread = ThreadRef & { readonly graphId: string; readonly assistantId: string | null }

/** An update that has been worked out and is not stored yet. */
export interface PreparedUpdate {
  /** The checkpoint it will have made. */
  readonly checkpoint: WireCheckpoint
  /** The thread's state with it. */
  readonly state: SettledState
  /** What to store, by `Checkpoints.store`. */
  readonly staged: StagedCheckpoints
}

/** Works out what an update makes of a thread's state. */
@Injectable()
export class ThreadUpdates {
  constructor(
    private readonly registry: GraphRegistry,
    private readonly checkpoints: Checkpoints,
    private readonly graphStore: GraphStore,
  ) {}

  /**
   * Applies the supersteps in turn, one checkpoint each (contract 4.1 and 4.9), on top of the stored state and without
   * changing it. Calls the user's graph: never inside a transaction.
   * @throws AppError `update_refused` with what LangGraph or the graph says to the update; `graph_not_found`; what the
   * graph's factory throws.
   */
  async prepare(
    ref: UpdatableThread,
    supersteps: readonly Superstep[],
    at: CheckpointRef = {},
  ): Promise<PreparedUpdate> {
    const configurable = stateAddress(ref, at)
    const graph = await this.registry.get(ref.graphId, { ...ref.config, configurable })
    const staged = new StagedSaver(this.checkpoints.saver, metadataOf(ref, configurable))
    const writer = withStore(withCheckpointer(graph, staged), this.graphStore.store)
    const { config, snapshot } = await apply(writer, supersteps, { configurable }, staged)
    const checkpoint = addressOf(config)
    const state = settle(snapshot)
    if (!checkpoint || !state) throw updateRefused('the graph made no checkpoint of it')
    return { checkpoint, state, staged }
  }
}

/** Whatever is thrown is said of the update, unless the database was the cause. */
async function apply(
  graph: CompiledGraph,
  supersteps: readonly Superstep[],
  config: { configurable: JsonObject },
  staged: StagedSaver,
): Promise<{ config: object; snapshot: StateSnapshot }> {
  try {
    const updates = supersteps.map((superstep) => ({ updates: superstep.map(toLangGraphUpdate) }))
    const updated = await graph.bulkUpdateState(config, updates)
    const { checkpoint_id: _id, checkpoint_map: _map, ...latest } = config.configurable
    return { config: updated, snapshot: await graph.getState({ configurable: { ...latest, checkpoint_ns: '' } }) }
  } catch (thrown) {
    if (staged.readFailure) throw staged.readFailure.thrown
    throw updateRefused(describeError(thrown).message)
  }
}

function toLangGraphUpdate({ values, command, asNode }: StateUpdate): object {
  const written = toLangGraphCommand(command ?? null) ?? values ?? null
  return asNode === null ? { values: written } : { values: written, asNode }
}

/** Of a checkpoint in a subgraph LangGraph names its ancestors too. */
function addressOf(config: { readonly configurable?: JsonObject }): WireCheckpoint | null {
  const map = config.configurable?.['checkpoint_map']
  const checkpoint = toCheckpoint(config)
  return checkpoint && { ...checkpoint, checkpoint_map: isJsonObject(map) ? map : null }
}

/** As a run's checkpoints name their thread (contract 4.10), without a run. */
function metadataOf({ threadId, graphId, assistantId }: UpdatableThread, configurable: JsonObject): JsonObject {
  const ids = { thread_id: threadId, graph_id: graphId, ...(assistantId === null ? {} : { assistant_id: assistantId }) }
  return { ...primitivesOf(configurable), ...ids }
}
