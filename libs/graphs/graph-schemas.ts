import { Injectable } from '@nestjs/common'
import { toPlain } from './graph-json.js'
import { type GraphRef, graphOf } from './graph-ref.js'
import { GraphRegistry } from './graph-registry.js'
import { type GraphSchemaSet, graphSchemas, needsSource } from './graph-schema-set.js'
import type { StaticGraph, StaticTypes } from './static-graph.js'
import { StaticSchemas } from './static-schemas.js'
import { subgraphsOf } from './subgraphs.js'

/** Which subgraphs are asked for. */
export interface SubgraphQuery {
  /** Names of nodes joined by `|`; null begins at the root. */
  readonly namespace: string | null
  /** With all levels below. */
  readonly recurse: boolean
}

/** Tells the types of graphs and of their subgraphs as JSON Schemas. */
@Injectable()
export class GraphSchemas {
  constructor(
    private readonly registry: GraphRegistry,
    private readonly sources: StaticSchemas,
  ) {}

  /** The types of the graph. @throws AppError `graph_not_found`, `graph_not_made`. */
  async read(ref: GraphRef): Promise<GraphSchemaSet> {
    const graph = await graphOf(this.registry, ref)
    const types = await this.#sourceTypes(ref, [graph])
    return plainSchemas(graph, types?.[''])
  }

  /**
   * The types of subgraphs by their namespace, each before those below it (contract 3.11): those in the graph's own
   * nodes, or with a namespace that one; with `recurse` also all below.
   * @throws AppError `graph_not_found`, `graph_not_made`.
   */
  async readSubgraphs(ref: GraphRef, query: SubgraphQuery): Promise<Map<string, GraphSchemaSet>> {
    const found = await subgraphsOf(await graphOf(this.registry, ref), query)
    const types = await this.#sourceTypes(ref, [...found.values()])
    return new Map([...found].map(([namespace, graph]) => [namespace, plainSchemas(graph, types?.[namespace])]))
  }

  /** Asked only for graphs that do not tell everything themselves: reading sources takes seconds. */
  async #sourceTypes({ graphId }: GraphRef, graphs: readonly object[]): Promise<StaticGraph | null> {
    return graphs.some(needsSource) ? this.sources.read(graphId) : null
  }
}

/** What a user's schema holds (a default, say) may be anything: it is written as JSON once, here. */
function plainSchemas(graph: object, types: StaticTypes | undefined): GraphSchemaSet {
  return toPlain(graphSchemas(graph, types ?? null)) as GraphSchemaSet
}
