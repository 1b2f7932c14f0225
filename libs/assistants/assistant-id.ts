import type { GraphRegistry } from '#graphs'
import { isUuid, requireUuid, systemAssistantId } from '#kernel'

/** What knows which words are ids of graphs. */
export type KnownGraphs = Pick<GraphRegistry, 'has'>

/**
 * The assistant id that a text means, in lower case, so that it can be compared: a graph's id stands for its system
 * assistant (contract 1.4). The text itself where it means none.
 */
export function meantAssistantId(graphs: KnownGraphs, text: string): string {
  if (graphs.has(text)) return systemAssistantId(text)
  return isUuid(text) ? text.toLowerCase() : text
}

/** The same in lower case. @throws AppError `invalid_id` for a text that is neither a UUID nor a graph's id. */
export function requireAssistantId(graphs: KnownGraphs, text: string): string {
  return requireUuid('assistant', meantAssistantId(graphs, text))
}
