import { lastQueryValue, parseListQuery, type QueryValue } from '#http'
import { invalidRequest } from '#kernel'
import { THREAD_STREAM_MODES, type ThreadStreamMode } from '#streaming'

/** What a client asks of a thread's stream. */
export interface ThreadStreamRequest {
  readonly modes: ReadonlySet<ThreadStreamMode>
  /** `Last-Event-ID`; null is the live tail. */
  readonly afterId: string | null
}

/**
 * `stream_mode`, also spelled `stream_modes` (contract 6.8), and our `last_event_id` for a client that reconnects
 * before it has seen an event. @throws AppError `invalid_request` naming the parameter.
 */
export function readThreadStreamQuery(query: Readonly<Record<string, QueryValue>>): ThreadStreamRequest {
  const asked = ['stream_mode', 'stream_modes'].flatMap((name) =>
    parseListQuery(query[name]).map((word) => toMode(word, name)),
  )
  return {
    modes: new Set(asked.length > 0 ? asked : ['run_modes']),
    afterId: lastQueryValue(query['last_event_id']) || null,
  }
}

function toMode(word: string, name: string): ThreadStreamMode {
  const mode = THREAD_STREAM_MODES.find((known) => known === word)
  if (mode === undefined) throw invalidRequest(`${name}: must be one of ${THREAD_STREAM_MODES.join(', ')}`)
  return mode
}
