import { type BaseCheckpointSaver, MemorySaver } from '@langchain/langgraph'

type Serializer = BaseCheckpointSaver['serde']

const encoder = new TextEncoder()
const UNSERIALIZABLE = '[unable to serialize, circular reference is too complex to analyze]'
const UNSERIALIZABLE_BYTES = encoder.encode(JSON.stringify(UNSERIALIZABLE))

/**
 * LangGraph's serialiser of channel values, without its silent loss: what it cannot write (a bigint, say) it replaces,
 * the whole value, by a sentence. Here a bigint is kept as its digits, and anything else that cannot be written fails
 * the run. U+0000 and lone surrogates need nothing: they are escapes inside `bytea`.
 */
export class StateSerializer implements Serializer {
  readonly #inner: Serializer = new MemorySaver().serde

  async dumpsTyped(value: unknown): Promise<[string, Uint8Array]> {
    const dumped = await this.#inner.dumpsTyped(value)
    if (!isLost(dumped[1]) || value === UNSERIALIZABLE) return dumped
    const again = await this.#inner.dumpsTyped(withoutBigints(value, new Map()))
    if (isLost(again[1])) throw new TypeError('A value of the state cannot be written as JSON')
    return again
  }

  loadsTyped(type: string, data: Uint8Array | string): Promise<unknown> {
    return this.#inner.loadsTyped(type, data) as Promise<unknown>
  }
}

function isLost(bytes: Uint8Array): boolean {
  return bytes.length === UNSERIALIZABLE_BYTES.length && bytes.every((byte, i) => byte === UNSERIALIZABLE_BYTES[i])
}

/** A copy of plain objects and arrays with digits for bigints; other objects stay as they are. */
function withoutBigints(value: unknown, copies: Map<object, object>): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  const known = copies.get(value)
  if (known) return known
  if (Array.isArray(value)) return copyInto([], value, copies)
  return Object.getPrototypeOf(value) === Object.prototype ? copyInto({}, value, copies) : value
}

function copyInto(target: object, source: object, copies: Map<object, object>): object {
  copies.set(source, target)
  const entries = Object.entries(source).map(([key, item]) => [key, withoutBigints(item, copies)] as const)
  return Object.assign(target, Object.fromEntries(entries))
}
