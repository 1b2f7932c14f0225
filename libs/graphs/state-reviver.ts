import { load } from '@langchain/core/load'
import { isJsonObject, type JsonObject } from '#kernel'

/** Classes of LangChain that only hold data; of no other is anything ever made. */
const DATA_NAMESPACES = new Set(['messages', 'documents', 'prompt_values', 'outputs'])

/** Under this key LangChain's `load` takes what follows as it is. */
const ESCAPED = '__lc_escaped__'

/** Makes again what LangGraph's serialiser writes for a thing that JSON has no form for; fails on nothing. */
export type ReviveRecord = (record: JsonObject) => Promise<unknown>

/**
 * Makes objects again of parsed JSON: LangChain's messages and documents, and what LangGraph marks with `lc: 2`. What
 * cannot be made, and what may not be, stays plain: a state that a client has a hand in never fails to be read, and
 * never names a class that is called.
 */
export async function revive(value: unknown, reviveRecord: ReviveRecord): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => revive(item, reviveRecord)))
  if (!isJsonObject(value)) return value
  if (value['lc'] === 1) return isData(value) ? loadData(value) : value
  const entries = await Promise.all(
    Object.entries(value).map(async ([key, item]) => [unescapeKey(key), await revive(item, reviveRecord)] as const),
  )
  const copy: JsonObject = Object.fromEntries(entries)
  return value['lc'] === 2 ? reviveMarked(copy, reviveRecord) : copy
}

/** Writes `lc` in plain data as `~lc` (and `~lc` as `~~lc`), so that no reader takes it for a serialised object. */
export function escapeKey(key: string): string {
  return /^~*lc$/.test(key) ? `~${key}` : key
}

function unescapeKey(key: string): string {
  return /^~+lc$/.test(key) ? key.slice(1) : key
}

/** Whether the record stands for an object that only holds data. */
function isData(record: JsonObject): boolean {
  const { type, id } = record
  if (type !== 'constructor' || !Array.isArray(id)) return false
  return id[0] === 'langchain_core' && DATA_NAMESPACES.has(String(id[1]))
}

async function loadData(record: JsonObject): Promise<unknown> {
  try {
    return await load(JSON.stringify(withInertParts(record)))
  } catch {
    // A class that this LangChain does not have, or arguments that it does not take.
    return record
  }
}

/** The same record with everything in it escaped that is marked as serialised and holds more than data. */
function withInertParts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withInertParts)
  if (!isJsonObject(value) || ESCAPED in value) return value
  if (value['lc'] === 2 && value['type'] === 'undefined') return undefined
  if ('lc' in value && !isData(value)) return { [ESCAPED]: value }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withInertParts(item)]))
}

/** Its parts are objects again already: maps and sets take them as they are. */
async function reviveMarked(record: JsonObject, reviveRecord: ReviveRecord): Promise<unknown> {
  const { type, id, args, value } = record
  if (type === 'delta_snapshot')
    return Object.assign((await reviveRecord({ lc: 2, type, value: null })) as object, { value })
  const [items] = Array.isArray(args) ? (args as unknown[]) : []
  const name: unknown = type === 'constructor' && Array.isArray(id) && id.length === 1 ? id[0] : null
  if (name === 'Set' && Array.isArray(items)) return new Set(items)
  if (name === 'Map' && Array.isArray(items) && items.every(isPair)) return new Map(items)
  return name === 'Set' || name === 'Map' ? record : reviveRecord(record)
}

function isPair(value: unknown): value is [unknown, unknown] {
  return Array.isArray(value) && value.length === 2
}
