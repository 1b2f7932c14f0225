import { isJsonObject, type JsonObject } from '#kernel'
import type { StreamPart } from './execute-request.js'
import { isMessage, isMessageChunk, type MessageChunk, toJson } from './graph-json.js'

/** Makes the three kinds of parts of mode `messages` (contract 6.3) for one attempt. */
export class MessageParts {
  readonly #partial = new Map<string, MessageChunk>()
  readonly #completed = new Set<string>();

  /** A token of a model: its metadata once, then the message as far as it has come. */
  *ofToken([message, metadata]: readonly [unknown, JsonObject]): Generator<StreamPart> {
    if (!isMessage(message) || !isMessageChunk(message) || !message.id || isNodeOutput(metadata)) return
    const earlier = this.#partial.get(message.id)
    if (!earlier) yield { event: 'messages/metadata', json: toJson({ [message.id]: { metadata } }) }
    const whole = earlier ? earlier.concat(message) : message
    this.#partial.set(message.id, whole)
    yield { event: 'messages/partial', json: toJson([whole]) }
  }

  /** A snapshot of the root's values: the messages in it that no snapshot of this attempt had before. */
  *ofValues(values: unknown): Generator<StreamPart> {
    const fresh = messagesOf(values).filter((message) => {
      const id = isJsonObject(message) ? message['id'] : undefined
      if (typeof id !== 'string' || this.#completed.has(id)) return false
      this.#completed.add(id)
      return true
    })
    if (fresh.length > 0) yield { event: 'messages/complete', json: toJson(fresh) }
  }
}

/**
 * LangGraph tells a node's whole messages in the same mode as tokens, under the node's own name. They are no tokens:
 * such a message of a model tagged `nostream` must give no partial.
 */
function isNodeOutput(metadata: JsonObject): boolean {
  return metadata['name'] !== undefined && metadata['name'] === metadata['langgraph_node']
}

function messagesOf(values: unknown): unknown[] {
  const messages = isJsonObject(values) && !isMessage(values) ? values['messages'] : values
  if (Array.isArray(messages)) return messages
  return isMessage(messages) ? [messages] : []
}
