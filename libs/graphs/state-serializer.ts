import { type BaseCheckpointSaver, MemorySaver } from '@langchain/langgraph'
import { escapeKey, revive } from './state-reviver.js'

type Serializer = BaseCheckpointSaver['serde']

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const UNSERIALIZABLE = '[unable to serialize, circular reference is too complex to analyze]'
const UNSERIALIZABLE_BYTES = encoder.encode(JSON.stringify(UNSERIALIZABLE))

/**
 * LangGraph's serialiser of channel values, mended in two places.
 *
 * What it cannot write (a bigint, say) it replaces, the whole value, by a sentence. Here a bigint is kept as its digits,
 * and anything else that cannot be written fails the run. U+0000 and lone surrogates need nothing: they are escapes
 * inside `bytea`.
 *
 * What looks like a serialised object (`{"lc": 1, "type": "constructor", …}`) it makes an object of, whoever wrote it,
 * and where it cannot, the thread can never be read again. Here plain data is written such that it stays plain, and
 * only objects that hold data are made (`revive`).
 */
export class StateSerializer implements Serializer {
  readonly #inner: Serializer = new MemorySaver().serde

  async dumpsTyped(value: unknown): Promise<[string, Uint8Array]> {
    const dumped = await this.#inner.dumpsTyped(value)
    if (isLost(dumped[1]) && value !== UNSERIALIZABLE) return this.#dumpRewritten(value)
    const mayLook = dumped[0] === 'json' && Buffer.from(dumped[1]).includes('lc"') && looksSerialised(value, new Set())
    return mayLook ? this.#dumpRewritten(value) : dumped
  }

  async loadsTyped(type: string, data: Uint8Array | string): Promise<unknown> {
    if (type !== 'json') return this.#inner.loadsTyped(type, data) as Promise<unknown>
    const text = typeof data === 'string' ? data : decoder.decode(data)
    const parsed: unknown = JSON.parse(text)
    if (!text.includes('lc"')) return parsed
    return revive(parsed, (record) => this.#inner.loadsTyped(type, JSON.stringify(record)) as Promise<unknown>)
  }

  async #dumpRewritten(value: unknown): Promise<[string, Uint8Array]> {
    const dumped = await this.#inner.dumpsTyped(rewritten(value, new Map()))
    if (isLost(dumped[1])) throw new TypeError('A value of the state cannot be written as JSON')
    return dumped
  }
}

function isLost(bytes: Uint8Array): boolean {
  return bytes.length === UNSERIALIZABLE_BYTES.length && bytes.every((byte, i) => byte === UNSERIALIZABLE_BYTES[i])
}

/** Whether a plain object in it has a key that a reader would take for the mark of a serialised one. */
function looksSerialised(value: unknown, seen: Set<object>): boolean {
  const parts = partsOf(value)
  if (parts === null || seen.has(value as object)) return false
  seen.add(value as object)
  return parts.some(([key, item]) => escapeKey(key) !== key || looksSerialised(item, seen))
}

/** A copy of plain objects and arrays with digits for bigints and escaped keys; other objects stay as they are. */
function rewritten(value: unknown, copies: Map<object, object>): unknown {
  if (typeof value === 'bigint') return value.toString()
  const parts = partsOf(value)
  if (parts === null) return value
  const known = copies.get(value as object)
  if (known) return known
  const copy: object = Array.isArray(value) ? [] : {}
  copies.set(value as object, copy)
  for (const [key, item] of parts) {
    // Assigned, the key `__proto__` would be no property.
    const property = { value: rewritten(item, copies), enumerable: true, writable: true, configurable: true }
    Object.defineProperty(copy, escapeKey(key), property)
  }
  return copy
}

/** The entries of an array or a plain object; null for anything else. */
function partsOf(value: unknown): [string, unknown][] | null {
  if (typeof value !== 'object' || value === null) return null
  const isPlain =
    Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
  return isPlain ? Object.entries(value) : null
}
