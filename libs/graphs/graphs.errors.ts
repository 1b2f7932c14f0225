import { defineError } from '#kernel'

/** No graph of that id is configured (contract section 15). */
export const graphNotFound = defineError({
  code: 'graph_not_found',
  status: 404,
  message: (graphId: string) => `Graph "${graphId}" not found`,
})

/** A factory gave something else than a graph; static exports are found out at load. */
export const graphInvalid = defineError({
  code: 'graph_invalid',
  status: 500,
  message: (graphId: string, given: string) => `The factory of graph "${graphId}" gave ${given} instead of a graph`,
})

/** LangGraph, or the graph itself, does not take an update of a state. */
export const updateRefused = defineError({
  code: 'update_refused',
  status: 422,
  message: (reason: string) => `The state cannot be updated: ${reason}`,
})

/** A factory failed, or gave no graph, for the config of the assistant that is looked at. */
export const graphNotMade = defineError({
  code: 'graph_not_made',
  status: 422,
  message: (graphId: string, reason: string) => `Graph "${graphId}" could not be made: ${reason}`,
})

/** The graph exists, and LangGraph cannot draw it (contract 3.10). */
export const graphNotDrawable = defineError({
  code: 'graph_not_drawable',
  status: 422,
  message: (graphId: string, reason: string) => `Graph "${graphId}" cannot be drawn: ${reason}`,
})

/** The graph throws where the thread's state is read: at a write that its reducer does not take, for example. */
export const stateUnreadable = defineError({
  code: 'state_unreadable',
  status: 422,
  message: (reason: string) => `The state of this thread cannot be read by its graph: ${reason}`,
})
