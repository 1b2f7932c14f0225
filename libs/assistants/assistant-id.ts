import type { GraphRegistry } from '#graphs'
import { requireUuid, systemAssistantId } from '#kernel'

/** What knows which words are ids of graphs. */
export type KnownGraphs = Pick<GraphRegistry, 'has'>

/** The assistant id that a text means: a graph's id stands for its system assistant (contract 1.4). */
export function meantAssistantId(graphs: KnownGraphs, text: string): string {
  return graphs.has(text) ? systemAssistantId(text) : text
}

/** The same in lower case. @throws AppError `invalid_id` for a text that is neither a UUID nor a graph's id. */
export function requireAssistantId(graphs: KnownGraphs, text: string): string {
  return requireUuid('assistant', meantAssistantId(graphs, text))
}
