import type { CompiledGraph } from './compiled-graph.js'

/** Between the names of a namespace. */
const SEPARATOR = '|'

/**
 * The subgraphs of a graph by namespace, each before those below it. Of a node with several, the first. What is in a
 * remote graph stays unknown: it is another server's.
 */
export async function subgraphsOf(
  graph: CompiledGraph,
  { namespace, recurse }: { readonly namespace: string | null; readonly recurse: boolean },
): Promise<Map<string, CompiledGraph>> {
  if (namespace === null) return below(graph, '', recurse)
  const found = await descend(graph, namespace.split(SEPARATOR))
  if (found === null) return new Map()
  const deeper = recurse ? await below(found, `${namespace}${SEPARATOR}`, true) : []
  return new Map([[namespace, found], ...deeper])
}

async function below(graph: CompiledGraph, prefix: string, recurse: boolean): Promise<Map<string, CompiledGraph>> {
  const found = new Map<string, CompiledGraph>()
  for (const [name, child] of await childrenOf(graph)) {
    found.set(prefix + name, child)
    if (!recurse) continue
    for (const [namespace, deeper] of await below(child, `${prefix}${name}${SEPARATOR}`, true)) {
      found.set(namespace, deeper)
    }
  }
  return found
}

async function descend(graph: CompiledGraph, names: readonly string[]): Promise<CompiledGraph | null> {
  let found: CompiledGraph | null = graph
  for (const name of names) found = found && ((await childrenOf(found)).get(name) ?? null)
  return found
}

async function childrenOf(graph: CompiledGraph): Promise<Map<string, CompiledGraph>> {
  const children = new Map<string, CompiledGraph>()
  if (!('nodes' in graph)) return children
  for await (const [name, child] of graph.getSubgraphsAsync()) if (!children.has(name)) children.set(name, child)
  return children
}
