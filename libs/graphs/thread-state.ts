import type { StateSnapshot } from '@langchain/langgraph'
import { isJsonObject, type JsonObject } from '#kernel'
import { taskError, toCheckpoint, toSubgraphAddress, type WireCheckpoint } from './checkpoint-form.js'
import { nextNodes } from './open-interrupts.js'

/** A task of a thread's state (contract 2.4). */
export interface ThreadTask {
  readonly id: string
  readonly name: string
  readonly path: readonly unknown[]
  readonly error: string | null
  readonly interrupts: readonly unknown[]
  readonly checkpoint: JsonObject | null
  readonly state: ThreadState | null
  readonly result: unknown
}

/** A thread's state in its wire form (contract 2.4). */
export interface ThreadState {
  readonly values: unknown
  readonly next: readonly string[]
  readonly tasks: readonly ThreadTask[]
  readonly metadata: JsonObject | null
  readonly created_at: string | null
  readonly checkpoint: WireCheckpoint | null
  readonly parent_checkpoint: WireCheckpoint | null
  readonly interrupts: readonly unknown[]
}

/** The state of a thread that has no checkpoint. */
export const EMPTY_THREAD_STATE: ThreadState = {
  values: {},
  next: [],
  tasks: [],
  metadata: null,
  created_at: null,
  checkpoint: null,
  parent_checkpoint: null,
  interrupts: [],
}

/** Whether a checkpoint stands behind the snapshot. */
export function hasCheckpoint(snapshot: StateSnapshot): boolean {
  return snapshot.createdAt !== undefined
}

/** The wire form of a snapshot; its values are still LangGraph's objects: write them with `toJson`. */
export function toThreadState(snapshot: StateSnapshot): ThreadState {
  if (!hasCheckpoint(snapshot)) return EMPTY_THREAD_STATE
  const tasks = snapshot.tasks.map(toThreadTask)
  return {
    values: snapshot.values as unknown,
    next: nextNodes(snapshot),
    tasks,
    metadata: shownMetadata(snapshot.metadata),
    created_at: snapshot.createdAt ?? null,
    checkpoint: toCheckpoint(snapshot.config, snapshot.metadata),
    parent_checkpoint: toCheckpoint(snapshot.parentConfig),
    interrupts: tasks.flatMap((task) => task.interrupts),
  }
}

function toThreadTask(task: StateSnapshot['tasks'][number]): ThreadTask {
  const { state } = task
  const nested = state && 'values' in state ? toThreadState(state) : null
  return {
    id: task.id,
    name: task.name,
    path: task.path ?? [],
    error: taskError(task.error),
    interrupts: task.interrupts,
    checkpoint: nested ? null : toSubgraphAddress(state),
    state: nested,
    result: (task as { result?: unknown }).result ?? null,
  }
}

function shownMetadata(metadata: unknown): JsonObject | null {
  if (!isJsonObject(metadata)) return null
  const { checkpoint_ns: namespace, ...rest } = metadata
  return namespace === undefined || namespace === '' ? rest : metadata
}
