import { type CompiledGraph, isCompiledGraph, isGraphBuilder } from './compiled-graph.js'

/** How a graph of `langgraph.json` is come by (contract 14): it stands there, or is made anew for each use. */
export type GraphProvider =
  | { readonly kind: 'static'; readonly graph: CompiledGraph }
  | { readonly kind: 'factory'; readonly make: (config: object) => unknown }

/**
 * Makes a provider from what a module exports: a compiled graph, a builder, a promise of either, or a factory.
 * @returns null when it is none of them.
 */
export async function toProvider(exported: unknown): Promise<GraphProvider | null> {
  if (typeof exported === 'function') return { kind: 'factory', make: exported as (config: object) => unknown }
  const graph = toGraph(await exported)
  return graph && { kind: 'static', graph }
}

/** The graph itself, compiled if it was not; null when the value is no graph. */
export function toGraph(value: unknown): CompiledGraph | null {
  if (isCompiledGraph(value)) return value
  const compiled: unknown = isGraphBuilder(value) ? value.compile() : null
  return isCompiledGraph(compiled) ? compiled : null
}

/** What a reader sees instead of a graph. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  const name = (value as { constructor?: { name?: string } }).constructor?.name
  return name && name !== 'Object' ? `an instance of ${name}` : 'a plain object'
}

/**
 * Finds an export by its name. A CommonJS module that was imported keeps its exports under `default` (and its own
 * default export under `default.default`).
 */
export function findExport(module: Record<string, unknown>, name: string): { value: unknown } | null {
  const inner = module['default']
  const isNested = typeof inner === 'object' && inner !== null && name in inner
  if (isNested && (name !== 'default' || '__esModule' in inner)) {
    return { value: (inner as Record<string, unknown>)[name] }
  }
  return name in module ? { value: module[name] } : null
}

/** The names a module exports, for the message when the wanted one is missing. */
export function exportNames(module: Record<string, unknown>): string[] {
  const inner = module['default']
  const isCommonJs = typeof inner === 'object' && inner !== null && '__esModule' in inner
  const names = isCommonJs ? Object.keys(inner) : Object.keys(module)
  return names.filter((name) => name !== '__esModule' && name !== 'module.exports').sort()
}
