import type { StateSnapshot } from '@langchain/langgraph'
import { Injectable } from '@nestjs/common'
import { type JsonObject, toJsonb } from '#kernel'
import { Checkpoints } from './checkpoints.js'
import { type CompiledGraph, withCheckpointer } from './compiled-graph.js'
import { toPlain } from './graph-json.js'
import type { SettledState } from './execute-request.js'
import { GraphRegistry } from './graph-registry.js'
import { readableState } from './readable-state.js'
import { settle } from './settled-state.js'
import { type CheckpointRef, stateAddress, type ThreadRef } from './state-address.js'
import { EMPTY_THREAD_STATE, type ThreadState, toThreadState } from './thread-state.js'

/** Which state, and how much of it. */
export interface ReadStateOptions extends CheckpointRef {
  /** Fill in the states of subgraph tasks. */
  readonly subgraphs?: boolean | undefined
}

/** Which part of a history (contract 4.10). */
export interface HistoryOptions extends CheckpointRef {
  /** Most states to give. */
  readonly limit: number
  /** The id of a checkpoint: only older ones are given. */
  readonly before?: string | undefined
  /** Contained in the checkpoint's metadata. */
  readonly metadata?: JsonObject | undefined
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
   * @throws AppError `graph_not_found` when the thread's graph is no longer configured, `state_unreadable` when it throws
   * at the state; what its factory throws.
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
    const configurable = stateAddress(ref, options)
    const reader = await this.#reader(graphId, { ...ref.config, configurable })
    return this.#readable(configurable, () =>
      reader.getState({ configurable }, { subgraphs: options.subgraphs ?? false }),
    )
  }

  #readable<State>(configurable: JsonObject, read: () => Promise<State>): Promise<State> {
    return readableState(read, () => this.checkpoints.saver.getTuple({ configurable }))
  }

  /**
   * The states of one namespace, newest first; none when no graph ran.
   * @throws as `read`.
   */
  async history(ref: ThreadRef, { limit, before, metadata, ...which }: HistoryOptions): Promise<ThreadState[]> {
    if (ref.graphId === null) return []
    const configurable = stateAddress(ref, which)
    const reader = await this.#reader(ref.graphId, { ...ref.config, configurable })
    const options = {
      limit,
      ...(before === undefined ? {} : { before: { configurable: { checkpoint_id: before } } }),
      ...(metadata === undefined ? {} : { filter: JSON.parse(toJsonb(metadata) ?? '{}') as JsonObject }),
    }
    return this.#readable(configurable, async () => {
      const states: ThreadState[] = []
      for await (const snapshot of reader.getStateHistory({ configurable }, options)) {
        states.push(toPlain(toThreadState(snapshot)) as ThreadState)
      }
      return states
    })
  }

  async #reader(graphId: string, config: object): Promise<CompiledGraph> {
    return withCheckpointer(await this.registry.get(graphId, config), this.checkpoints.saver)
  }
}
