import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type JsonObject, storableJson, storableText } from '#kernel'

/** The value under a key is this one. */
export interface EqualFilter {
  readonly op: 'eq'
  readonly key: string
  readonly value: unknown
}

/** The array under a key holds all of these. */
export interface ContainsFilter {
  readonly op: 'contains'
  readonly key: string
  readonly values: readonly unknown[]
}

/** All of them, or one at least. */
export interface GroupFilter {
  readonly op: 'and' | 'or'
  readonly parts: readonly MetadataFilter[]
}

/** A condition on metadata (contract 1.7), its texts as the database holds them. */
export type MetadataFilter = EqualFilter | ContainsFilter | GroupFilter

/** Which rows of a resource the caller may see, by their metadata; null is all of them. */
export type Visibility = MetadataFilter | null

/** How deep groups may stand in each other. */
const MAX_NESTING = 2
const MIN_GROUPS = 2
/** Each takes three parameters of the statement, which has 65,535 at most. */
const MAX_CONDITIONS = 10_000

/** Reads what a handler has returned. @throws Error saying what is wrong with it; the handler is the project's own. */
export function parseFilter(raw: JsonObject): Visibility {
  // An Error that was returned instead of thrown, or a Map, has no keys: it would restrict nothing.
  if (!isPlain(raw)) throw new Error('no plain object')
  const filter = parseGroup(raw, 0)
  const count = filter === null ? 0 : conditionsIn(filter)
  if (count > MAX_CONDITIONS) throw new Error(`${count} conditions; a filter has ${MAX_CONDITIONS} at most`)
  return filter
}

function conditionsIn(filter: MetadataFilter): number {
  return 'parts' in filter ? filter.parts.reduce((sum, part) => sum + conditionsIn(part), 0) : 1
}

/** Whether the caller may see what has this metadata, as the database holds it; `visibleSql` says the same. */
export function isVisible(visibility: Visibility, metadata: JsonObject): boolean {
  if (visibility === null) return true
  if ('parts' in visibility) {
    const { op, parts } = visibility
    return op === 'and'
      ? parts.every((part) => isVisible(part, metadata))
      : parts.some((part) => isVisible(part, metadata))
  }
  if (!Object.hasOwn(metadata, visibility.key)) return false
  const found = metadata[visibility.key]
  if (visibility.op === 'eq') return isDeepStrictEqual(found, visibility.value)
  return Array.isArray(found) && visibility.values.every((value) => found.some((one) => isDeepStrictEqual(one, value)))
}

/** All conditions of an object together; null when there is none. */
function parseGroup(raw: JsonObject, depth: number): Visibility {
  const parts = Object.entries(raw).map(([key, value]) => parseEntry(key, value, depth))
  if (parts.length === 0) return null
  return parts.length === 1 ? parts[0]! : { op: 'and', parts }
}

function parseEntry(name: string, value: unknown, depth: number): MetadataFilter {
  if (name === '$or' || name === '$and') return parseGroups(name === '$or' ? 'or' : 'and', value, depth + 1)
  if (name.startsWith('$')) throw new Error(`unknown operator ${name}; one of $or, $and`)
  const key = storableText(name)
  const inner = isJsonObject(value) ? Object.keys(value) : []
  const operator = inner.find((one) => one.startsWith('$'))
  if (operator === undefined) return { op: 'eq', key, value: jsonValue(key, value) }
  if (inner.length > 1) throw new Error(`${key}: one operator at a time`)
  return parseOperator(key, operator, (value as JsonObject)[operator])
}

function parseOperator(key: string, operator: string, operand: unknown): MetadataFilter {
  if (operator === '$eq') return { op: 'eq', key, value: jsonValue(key, operand) }
  if (operator !== '$contains') throw new Error(`${key}: unknown operator ${operator}; one of $eq, $contains`)
  const values: unknown[] = Array.isArray(operand) ? operand : [operand]
  return { op: 'contains', key, values: values.map((value) => jsonValue(key, value)) }
}

function parseGroups(op: 'and' | 'or', groups: unknown, depth: number): MetadataFilter {
  if (depth > MAX_NESTING) throw new Error(`$${op}: groups may be nested ${MAX_NESTING} deep`)
  if (!Array.isArray(groups) || groups.length < MIN_GROUPS)
    throw new Error(`$${op}: takes ${MIN_GROUPS} groups or more`)
  const parts = groups.map((group) => {
    const part = isJsonObject(group) ? parseGroup(group, depth) : null
    if (part === null) throw new Error(`$${op}: each group is an object with a condition`)
    return part
  })
  return { op, parts }
}

/** A copy as the database holds it. What JSON has no word for is a mistake in the handler: it would match another's. */
function jsonValue(key: string, value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined || (text === 'null' && value !== null)) throw new Error(`${key}: the value is no JSON`)
  return JSON.parse(storableJson(text)) as unknown
}

/** Whether it was written with braces, in whatever realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
