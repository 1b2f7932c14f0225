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
