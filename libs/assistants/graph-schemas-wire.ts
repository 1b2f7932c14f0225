import type { GraphSchemaSet } from '#graphs'
import type { JsonObject } from '#kernel'

/** The types of an assistant's graph as clients see them (contract 3.12). */
export interface WireGraphSchemas {
  readonly graph_id: string
  readonly input_schema: JsonObject | null
  readonly output_schema: JsonObject | null
  readonly state_schema: JsonObject | null
  readonly config_schema: JsonObject | null
  readonly context_schema: JsonObject | null
}

/** The types of a subgraph under both sets of keys (contract 3.11). */
export interface WireSubgraph extends Omit<WireGraphSchemas, 'graph_id'> {
  readonly state: JsonObject | null
  readonly input: JsonObject | null
  readonly output: JsonObject | null
  readonly config: JsonObject | null
}

/** The types of a graph in their wire form. */
export function toWireSchemas(graphId: string, schemas: GraphSchemaSet): WireGraphSchemas {
  return { graph_id: graphId, ...keyed(schemas) }
}

/** The types of subgraphs, by namespace. */
export function toWireSubgraphs(subgraphs: ReadonlyMap<string, GraphSchemaSet>): Record<string, WireSubgraph> {
  return Object.fromEntries([...subgraphs].map(([namespace, schemas]) => [namespace, toWireSubgraph(schemas)]))
}

function toWireSubgraph(schemas: GraphSchemaSet): WireSubgraph {
  const { state, input, output, config } = schemas
  return { state, input, output, config, ...keyed(schemas) }
}

function keyed({ input, output, state, config, context }: GraphSchemaSet): Omit<WireGraphSchemas, 'graph_id'> {
  return {
    input_schema: input,
    output_schema: output,
    state_schema: state,
    config_schema: config,
    context_schema: context,
  }
}
