import { isJsonObject, type JsonObject } from '#kernel'
import type { CompiledGraph } from './compiled-graph.js'
import type { ExecuteRequest } from './execute-request.js'
import type { GraphCallConfig } from './run-config.js'
import { graphModes } from './stream-mode.js'
import { TurnGiver } from './turn-giver.js'

/** Something a mode of LangGraph gave, from the graph with this namespace (empty for the root). */
export interface GraphChunk {
  readonly namespace: readonly string[]
  readonly mode: string
  readonly payload: unknown
}

/** What a running graph gives: chunks, and callback events when the run asked for `events`. */
export type StreamItem =
  { readonly kind: 'chunk'; readonly chunk: GraphChunk } | { readonly kind: 'event'; readonly event: JsonObject }

/** How a graph is called. */
export interface GraphCall {
  readonly graph: CompiledGraph
  readonly input: unknown
  readonly config: GraphCallConfig
  readonly request: Pick<ExecuteRequest, 'streamModes' | 'streamSubgraphs'>
  readonly signal: AbortSignal
}

/**
 * Runs the graph and hands on what it gives, until it ends or the signal aborts. Each item is handed on by a call and not
 * by a generator of its own: an event of a token's size costs little else than its promises. `events` need LangChain's
 * event stream, which costs about twice as much: only when asked for.
 * @throws what the graph throws, and what `take` throws.
 */
export function giveItems(call: GraphCall, take: (item: StreamItem) => void): Promise<void> {
  return call.request.streamModes.includes('events') ? giveEvents(call, take) : giveChunks(call, take)
}

async function giveChunks(call: GraphCall, take: (item: StreamItem) => void): Promise<void> {
  const stream = await call.graph.stream(call.input, options(call))
  for await (const raw of stream) {
    if (call.signal.aborted) return
    take({ kind: 'chunk', chunk: toChunk(raw, call.request.streamSubgraphs) })
  }
}

/**
 * Modes whose chunks may be seen inside an event as they are. The others (`checkpoints`, `debug`, `tasks`) carry
 * LangGraph's raw config, with private values of earlier runs, and are shown by their own, cleaned parts alone.
 */
const EVENT_CHUNKS = new Set(['values', 'updates', 'messages', 'custom', 'tools'])

/** The root's chunks come as `on_chain_stream` events of the root run; they are given as both. */
async function giveEvents(call: GraphCall, take: (item: StreamItem) => void): Promise<void> {
  const { streamModes, streamSubgraphs } = call.request
  const stream = call.graph.streamEvents(call.input, { ...options(call), version: 'v2' })
  for await (const event of stream) {
    if (call.signal.aborted) return
    if (!isJsonObject(event)) continue
    const chunk = rootChunk(event, call)
    // LangGraph adds chunks of its own to event streams (`checkpoints` envelopes) that nobody asked for.
    if (chunk && !graphModes(streamModes).includes(chunk.mode)) continue
    if (!chunk || EVENT_CHUNKS.has(chunk.mode)) take({ kind: 'event', event })
    if (chunk) take({ kind: 'chunk', chunk })
  }

  function rootChunk(event: JsonObject, { config }: GraphCall): GraphChunk | null {
    if (event['event'] !== 'on_chain_stream' || event['run_id'] !== config.runId) return null
    return toChunk((event['data'] as JsonObject)['chunk'], streamSubgraphs)
  }
}

function options({ config, request, signal }: GraphCall): object {
  return {
    ...config,
    callbacks: [new TurnGiver()],
    signal,
    streamMode: graphModes(request.streamModes),
    subgraphs: request.streamSubgraphs,
  }
}

/** `[namespace, mode, payload]` with subgraphs, `[mode, payload]` without. */
function toChunk(raw: unknown, withNamespace: boolean): GraphChunk {
  if (!withNamespace) {
    const [mode, payload] = raw as [string, unknown]
    return { namespace: [], mode, payload }
  }
  const [namespace, mode, payload] = raw as [string[] | null, string, unknown]
  return { namespace: (namespace ?? []).filter((segment) => segment !== ''), mode, payload }
}
