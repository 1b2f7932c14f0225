import { Injectable } from '@nestjs/common'
import { describeError, type JsonObject } from '#kernel'
import type { CompiledGraph } from './compiled-graph.js'
import { toPlain } from './graph-json.js'
import { type GraphRef, graphOf } from './graph-ref.js'
import { GraphRegistry } from './graph-registry.js'
import { graphNotDrawable } from './graphs.errors.js'

/** Draws graphs as lists of nodes and edges. */
@Injectable()
export class GraphDrawing {
  constructor(private readonly registry: GraphRegistry) {}

  /**
   * The drawing in its wire form (contract 3.10): `{nodes, edges}`.
   * @param xray whether subgraphs are drawn in the place of their nodes; a number is how many levels of them. Where
   * LangGraph cannot do that (with a `RemoteGraph` among the nodes) each stays one node.
   * @throws AppError `graph_not_found`, `graph_not_made`, `graph_not_drawable`.
   */
  async draw(ref: GraphRef, xray: boolean | number): Promise<JsonObject> {
    const graph = await graphOf(this.registry, ref)
    try {
      return await drawAt(graph, xray).catch((error: unknown) => {
        if (xray) return drawAt(graph, false)
        throw error
      })
    } catch (error) {
      throw graphNotDrawable(ref.graphId, describeError(error).message)
    }
  }
}

async function drawAt(graph: CompiledGraph, xray: boolean | number): Promise<JsonObject> {
  const drawing = await graph.getGraphAsync({ xray })
  return toPlain(drawing.toJSON()) as JsonObject
}
