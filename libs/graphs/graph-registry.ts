import { relative } from 'node:path'
import { Injectable } from '@nestjs/common'
import { type GraphSource, Settings } from '#config'
import { describeError } from '#kernel'
import type { CompiledGraph } from './compiled-graph.js'
import { describeValue, exportNames, findExport, type GraphProvider, toGraph, toProvider } from './graph-export.js'
import { GraphLoadFaults } from './graph-load-faults.js'
import { graphInvalid, graphNotFound } from './graphs.errors.js'
import { GraphStore } from './graph-store.js'
import { ModuleImporter } from './module-importer.js'

/** The graphs of `langgraph.json`, loaded once at start. */
@Injectable()
export class GraphRegistry {
  readonly #providers = new Map<string, GraphProvider>()

  constructor(
    private readonly settings: Settings,
    private readonly importer: ModuleImporter,
    private readonly graphStore: GraphStore,
  ) {}

  /**
   * Loads every graph; called once by the composition root before anything is served. First puts `env` of
   * `langgraph.json` under the environment, where no real variable stands: graphs read it while they load.
   * @throws GraphLoadFaults naming every graph that fails.
   */
  async load(): Promise<void> {
    for (const [name, value] of Object.entries(this.settings.environment)) process.env[name] ||= value
    const faults: string[] = []
    for (const source of this.settings.graphs) {
      const loaded = await this.#load(source)
      if (typeof loaded === 'string') faults.push(loaded)
      else this.#providers.set(source.graphId, loaded)
    }
    if (faults.length > 0) throw new GraphLoadFaults(faults)
  }

  /** Ids of all graphs, in the order of `langgraph.json`. */
  ids(): string[] {
    return [...this.#providers.keys()]
  }

  has(graphId: string): boolean {
    return this.#providers.has(graphId)
  }

  /**
   * The compiled graph; a factory is called with `config` each time (contract 14), which has the store too.
   * @throws AppError `graph_not_found`, `graph_invalid`, or what the factory throws.
   */
  async get(graphId: string, config: object): Promise<CompiledGraph> {
    const provider = this.#providers.get(graphId)
    if (!provider) throw graphNotFound(graphId)
    if (provider.kind === 'static') return provider.graph
    const { store } = this.graphStore
    const made: unknown = await provider.make(store ? { ...config, store } : config)
    const graph = toGraph(made)
    if (!graph) throw graphInvalid(graphId, describeValue(made))
    return graph
  }

  /** The provider, or a sentence that says why there is none. */
  async #load(source: GraphSource): Promise<GraphProvider | string> {
    const label = `graph "${source.graphId}" (${relative(this.settings.projectDir, source.file)})`
    try {
      const module = await this.importer.import(source.file)
      const found = findExport(module, source.exportName)
      if (!found) return `${label}: has no export "${source.exportName}", it exports ${listNames(exportNames(module))}`
      const provider = await toProvider(found.value)
      if (provider) return provider
      return `${label}: the export "${source.exportName}" is ${describeValue(await found.value)}, not a graph`
    } catch (thrown) {
      const { error, message } = describeError(thrown)
      return `${label}: could not be loaded: ${error}: ${message}`
    }
  }
}

function listNames(names: readonly string[]): string {
  return names.length > 0 ? names.join(', ') : 'nothing'
}
