import type ts from 'typescript'
import { asDocument, type JsonSchema } from './json-schema.js'
import type { StaticGraph, StaticTypes } from './static-graph.js'
import { GraphSource } from './static-graph-source.js'
import type { TypeScript } from './static-project.js'
import { TypeWriter } from './static-type-writer.js'

/** Subgraphs below this many levels are not looked for: a graph may contain itself. */
const MAX_LEVELS = 8

/**
 * Reads the types of compiled graphs. A graph's class declares them: `~RunOutput` is its state, `~InputType` and
 * `~OutputType` what they say, and the context is an option of `invoke`.
 */
export class GraphTypes {
  readonly #checker: ts.TypeChecker
  readonly #source: GraphSource

  constructor(
    private readonly ts: TypeScript,
    private readonly program: ts.Program,
  ) {
    this.#checker = program.getTypeChecker()
    this.#source = new GraphSource(ts, this.#checker)
  }

  /** The graph behind an export and its subgraphs; null when the export is no graph or its type is not known. */
  read(file: string, exportName: string): StaticGraph | null {
    const symbol = this.#source.findExport(this.program.getSourceFile(file), exportName)
    const graph = symbol && this.#graphType(this.#checker.getTypeOfSymbol(symbol))
    if (!symbol || !graph) return null
    const found = new Map([['', this.#typesOf(graph)]])
    this.#addSubgraphs(this.#source.nodesOfSymbol(symbol), [], found)
    return Object.fromEntries(found)
  }

  #addSubgraphs(nodes: ReadonlyMap<string, ts.Node>, path: string[], found: Map<string, StaticTypes>): void {
    if (path.length >= MAX_LEVELS) return
    for (const [name, node] of nodes) {
      const graph = this.#graphType(this.#checker.getTypeAtLocation(node))
      if (!graph) continue
      const below = [...path, name]
      found.set(below.join('|'), this.#typesOf(graph))
      this.#addSubgraphs(this.#source.nodesOf(node), below, found)
    }
  }

  /** The compiled graph that a factory, a promise or a builder gives; null for anything else. */
  #graphType(type: ts.Type): ts.Type | null {
    const made = type.getCallSignatures()[0]?.getReturnType() ?? type
    const settled = this.#checker.getAwaitedType(made) ?? made
    if (settled.getProperty('~InputType')) return settled
    const compile = settled.getProperty('compile')
    const compiled = compile && this.#checker.getTypeOfSymbol(compile).getCallSignatures()[0]?.getReturnType()
    return compiled?.getProperty('~InputType') ? compiled : null
  }

  #typesOf(graph: ts.Type): StaticTypes {
    return {
      state: this.#describe(this.#member(graph, '~RunOutput')),
      input: this.#describe(this.#member(graph, '~InputType')),
      output: this.#describe(this.#member(graph, '~OutputType')),
      context: this.#describe(this.#contextOf(graph), ['properties']),
    }
  }

  #contextOf(graph: ts.Type): ts.Type | null {
    const options = this.#member(graph, 'invoke')?.getCallSignatures()[0]?.getParameters()[1]
    const type = options && this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(options))
    const context = type && this.#member(type, 'context')
    return context ? this.#checker.getNonNullableType(context) : null
  }

  #member(type: ts.Type, name: string): ts.Type | null {
    const property = type.getProperty(name)
    return property ? this.#checker.getTypeOfSymbol(property) : null
  }

  /** Null when nothing is said of the type, or not what is `needed`. */
  #describe(type: ts.Type | null, needed: readonly string[] = []): JsonSchema | null {
    if (!type) return null
    const schema = new TypeWriter(this.ts, this.program).document(type)
    const isKnown = Object.keys(schema).length > 0 && needed.every((key) => hasEntries(schema[key]))
    return isKnown ? asDocument(schema) : null
  }
}

function hasEntries(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}
