import type { StateSnapshot } from '@langchain/langgraph'

/**
 * What this server uses of a compiled LangGraph graph. Structural on purpose: the user's graph may come from another
 * copy of the package, where `instanceof` says no.
 */
export interface CompiledGraph {
  checkpointer?: unknown
  stream(input: unknown, options: object): Promise<AsyncIterable<unknown>>
  streamEvents(input: unknown, options: object): AsyncIterable<unknown>
  getState(config: object, options?: { subgraphs?: boolean }): Promise<StateSnapshot>
}

/** A graph that has not been compiled yet, for example a `StateGraph`. */
export interface GraphBuilder {
  compile(): CompiledGraph
}

/** Whether the value is a compiled graph. */
export function isCompiledGraph(value: unknown): value is CompiledGraph {
  if (typeof value !== 'object' || value === null) return false
  const { lg_is_pregel: isPregel, stream, streamEvents, getState } = value as Record<string, unknown>
  return isPregel === true && [stream, streamEvents, getState].every((method) => typeof method === 'function')
}

/** Whether the value is a graph that only has to be compiled. */
export function isGraphBuilder(value: unknown): value is GraphBuilder {
  return typeof value === 'object' && value !== null && typeof (value as { compile?: unknown }).compile === 'function'
}

/**
 * The same graph with another checkpointer. A shallow copy: the user's graph is shared by every run of the process
 * and is never written to. (`configurable.__pregel_checkpointer` would do for runs, but makes LangGraph take a read of
 * a subgraph's state for a call from inside a task.)
 */
export function withCheckpointer(graph: CompiledGraph, checkpointer: object): CompiledGraph {
  const copy: object = Object.create(Object.getPrototypeOf(graph) as object, Object.getOwnPropertyDescriptors(graph))
  return Object.assign(copy as CompiledGraph, { checkpointer })
}
