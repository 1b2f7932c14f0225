import type { UpdatableThread } from '#graphs'
import type { JsonObject } from '#kernel'
import { threadHasNoGraph } from './threads.errors.js'

/** The graph that a thread's metadata names: the first run or the client wrote it there; null when there is none. */
export function graphIdOf(metadata: JsonObject): string | null {
  const graphId = metadata['graph_id']
  return typeof graphId === 'string' && graphId !== '' ? graphId : null
}

/** The thread as one whose state can be written. @throws AppError `thread_has_no_graph`. */
export function requireGraph(thread: {
  readonly threadId: string
  readonly metadata: JsonObject
  readonly config: JsonObject
}): UpdatableThread {
  const { threadId, metadata, config } = thread
  const graphId = graphIdOf(metadata)
  if (graphId === null) throw threadHasNoGraph(threadId)
  const assistantId = metadata['assistant_id']
  return { threadId, graphId, config, assistantId: typeof assistantId === 'string' ? assistantId : null }
}
