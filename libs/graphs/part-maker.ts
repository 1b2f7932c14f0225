import type { JsonObject } from '#kernel'
import { checkpointPayload, debugPayload, taskPayload } from './checkpoint-form.js'
import type { StreamPart } from './execute-request.js'
import { toJson } from './graph-json.js'
import { MessageParts } from './message-parts.js'
import type { StreamMode } from './stream-mode.js'
import type { GraphChunk, StreamItem } from './stream-source.js'

const HIDDEN = 'langsmith:hidden'

/** Turns what a graph gives into the parts the run asked for, and no others (contract 6.3). One for each attempt. */
export class PartMaker {
  readonly #modes: ReadonlySet<string>
  readonly #messages = new MessageParts()

  constructor(modes: readonly StreamMode[]) {
    this.#modes = new Set(modes)
  }

  /** The parts of one item, in order. @throws what a value's own `toJSON` throws. */
  *parts(item: StreamItem): Generator<StreamPart> {
    if (item.kind === 'event') yield* this.#ofEvent(item.event)
    else if (item.chunk.mode === 'messages') yield* this.#ofMessage(item.chunk)
    else yield* this.#ofChunk(item.chunk)
  }

  *#ofEvent(event: JsonObject): Generator<StreamPart> {
    const { tags } = event
    if (Array.isArray(tags) && tags.includes(HIDDEN)) return
    const chunkTypes = event['event'] === 'on_chat_model_stream'
    yield { event: 'events', json: toJson({ parent_ids: [], ...event }, { chunkTypes }) }
  }

  *#ofMessage({ namespace, payload }: GraphChunk): Generator<StreamPart> {
    const [message, metadata] = payload as [unknown, JsonObject]
    const tuple = [message, { ...metadata, tags: metadata['tags'] ?? [] }] as const
    if (this.#modes.has('messages-tuple')) {
      yield { event: eventName('messages', namespace), json: toJson(tuple, { chunkTypes: true }) }
    }
    if (this.#modes.has('messages')) yield* this.#messages.ofToken(tuple)
  }

  *#ofChunk({ namespace, mode, payload }: GraphChunk): Generator<StreamPart> {
    if (this.#modes.has(mode)) yield { event: eventName(mode, namespace), json: toJson(toPayload(mode, payload)) }
    if (this.#modes.has('messages') && mode === 'values' && namespace.length === 0) {
      yield* this.#messages.ofValues(payload)
    }
  }
}

/** `values`, or `values|node:task id|…` for a subgraph. */
function eventName(mode: string, namespace: readonly string[]): string {
  return [mode, ...namespace].join('|')
}

function toPayload(mode: string, payload: unknown): unknown {
  switch (mode) {
    case 'checkpoints':
      return checkpointPayload(payload as JsonObject)
    case 'tasks':
      return taskPayload(payload as JsonObject)
    case 'debug':
      return debugPayload(payload as JsonObject)
    default:
      return payload
  }
}
