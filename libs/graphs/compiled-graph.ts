import type { StateSnapshot } from '@langchain/langgraph'

/**
 * What this server uses of a compiled LangGraph graph. Structural on purpose: the user's graph may come from another
 * copy of the package, where `instanceof` says no.
 */
export interface CompiledGraph {
  checkpointer?: unknown
  store?: unknown
  stream(input: unknown, options: object): Promise<AsyncIterable<unknown>>
  streamEvents(input: unknown, options: object): AsyncIterable<unknown>
  getState(config: object, options?: { subgraphs?: boolean }): Promise<StateSnapshot>
  getStateHistory(config: object, options?: object): AsyncIterable<StateSnapshot>
  bulkUpdateState(config: object, supersteps: readonly { readonly updates: readonly object[] }[]): Promise<object>
  getGraphAsync(config: { readonly xray: boolean | number }): Promise<{ toJSON(): object }>
  getSubgraphsAsync(): AsyncIterable<readonly [name: string, graph: CompiledGraph]>
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
  return Object.assign(copyOf(graph), { checkpointer })
}

/** The same graph with another store, a copy too: the server's takes the place of one it was compiled with. */
export function withStore(graph: CompiledGraph, store: object | null): CompiledGraph {
  return store === null ? graph : Object.assign(copyOf(graph), { store })
}

function copyOf(graph: CompiledGraph): CompiledGraph {
  const copy: object = Object.create(Object.getPrototypeOf(graph) as object, Object.getOwnPropertyDescriptors(graph))
  return copy as CompiledGraph
}
