import type { JsonObject } from '#kernel'

/** Options of `toJson`. */
export interface GraphJsonOptions {
  /** Write token chunks under their own type (`AIMessageChunk`), as in token streams (contract 2.7). */
  readonly chunkTypes?: boolean
}

/** What a container was before it was rewritten, and what is written in its place: both name the same level. */
interface Level {
  readonly source: object
  readonly written: object
}

/**
 * Writes a graph's data as one compact JSON document. As `JSON.stringify`, and beyond it: LangChain messages are
 * flattened (contract 2.7), errors become `{error, message}`, a bigint its digits, a reference that leads back to one
 * of its parents `"[Circular]"` (as LangGraph's own serialiser writes it). `undefined` becomes `null`.
 * @throws what a `toJSON` or getter of the user's throws.
 */
export function toJson(value: unknown, options: GraphJsonOptions = {}): string {
  const levels: Level[] = []
  return (
    JSON.stringify(value, function (this: JsonObject, key: string, given: unknown): unknown {
      if (typeof given === 'bigint') return given.toString()
      const source = this[key]
      if (typeof given !== 'object' || given === null || typeof source !== 'object' || source === null) return given
      while (levels.length > 0 && levels.at(-1)?.written !== this) levels.pop()
      if (levels.some((level) => level.source === source)) return '[Circular]'
      const written = rewrite(source, given, options)
      levels.push({ source, written })
      return written
    }) ?? 'null'
  )
}

/** The data a client gets: what `toJson` writes, read again. */
export function toPlain(value: unknown): unknown {
  return JSON.parse(toJson(value))
}

function rewrite(source: object, given: object, options: GraphJsonOptions): object {
  if (isMessage(source)) return flatten(source, given, options)
  if (source instanceof Error && given === source) return { error: errorClass(source), message: source.message }
  return given
}

/** A LangChain message, known by its shape: it may come from another copy of the package. */
export interface Message {
  readonly id?: string
  getType(): string
  toDict(): unknown
}

/** Whether the value is a LangChain message object. */
export function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false
  const { getType, toDict } = value as { getType?: unknown; toDict?: unknown }
  return typeof getType === 'function' && typeof toDict === 'function'
}

/** A piece of a message that is being streamed: it knows how to be put together. */
export interface MessageChunk extends Message {
  concat(next: Message): MessageChunk
}

/** Whether the message is a piece of a longer one. */
export function isMessageChunk(message: Message): message is MessageChunk {
  return typeof (message as { concat?: unknown }).concat === 'function'
}

/** `given` is what the message's own `toJSON` made: `{lc, type, id, kwargs}`. */
function flatten(message: Message, given: object, options: GraphJsonOptions): object {
  const { id: path, kwargs } = given as { id?: unknown; kwargs?: object }
  const className: unknown = Array.isArray(path) ? path.at(-1) : undefined
  const isChunk = options.chunkTypes === true && isMessageChunk(message)
  return { ...kwargs, type: isChunk && typeof className === 'string' ? className : message.getType() }
}

/** The class a user would name: `CustomError`, even where it did not set `name` (contract 6.4). */
export function errorClass(error: Error): string {
  return error.name && error.name !== 'Error' ? error.name : error.constructor.name || 'Error'
}
