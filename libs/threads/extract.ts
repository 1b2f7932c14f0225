import { invalidRequest, type JsonObject } from '#kernel'
import type { WireThread } from './thread-wire.js'

/** Most aliases in one `extract` (contract 4.5). */
const MAX_ALIASES = 10
const MAX_PATH_LENGTH = 500
const PATH = /^(values|metadata|config|interrupts)((?:\.[^.[\]]+|\[-?\d{1,9}\])*)$/
const STEP = /\.([^.[\]]+)|\[(-?\d+)\]/g

/** One value to take out of a thread: a name in `extracted`, and keys and indices from the thread down. */
export interface Extraction {
  readonly alias: string
  readonly steps: readonly (string | number)[]
}

/**
 * Reads `extract` of a thread search: alias → path such as `values.messages[-1].content`.
 * @throws AppError `invalid_request` naming the alias.
 */
export function parseExtract(extract: JsonObject): Extraction[] {
  const entries = Object.entries(extract)
  if (entries.length > MAX_ALIASES) throw invalidRequest(`extract: must have at most ${MAX_ALIASES} entries`)
  return entries.map(([alias, path]) => ({ alias, steps: parsePath(alias, path) }))
}

/** The extracted values by alias; a path that leads nowhere gives null. */
export function extractFrom(thread: WireThread, extractions: readonly Extraction[]): JsonObject {
  return Object.fromEntries(extractions.map(({ alias, steps }) => [alias, follow(thread, steps)]))
}

function parsePath(alias: string, path: unknown): (string | number)[] {
  const match = typeof path === 'string' && path.length <= MAX_PATH_LENGTH ? PATH.exec(path) : null
  if (match === null) {
    throw invalidRequest(
      `extract.${alias}: must be a path from values, metadata, config or interrupts, such as values.messages[-1]`,
    )
  }
  const [, root = '', rest = ''] = match
  const steps = [...rest.matchAll(STEP)].map(([, key, index]) => key ?? Number(index))
  return [root, ...steps]
}

function follow(start: unknown, steps: readonly (string | number)[]): unknown {
  return steps.reduce<unknown>(takeStep, start) ?? null
}

function takeStep(value: unknown, step: string | number): unknown {
  if (typeof step === 'number') return Array.isArray(value) ? value.at(step) : undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.hasOwn(value, step) ? Reflect.get(value, step) : undefined
}
