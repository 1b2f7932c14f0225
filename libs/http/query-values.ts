import { invalidRequest } from '#kernel'

/** A query parameter as Fastify gives it: repeated ones come as an array. */
export type QueryValue = string | readonly string[] | undefined

const TRUE_WORDS = new Set(['true', '1', 'yes'])
const FALSE_WORDS = new Set(['false', '0', 'no'])

/**
 * Reads a boolean query parameter (contract 1.3): `true/false/1/0/yes/no` in any case; empty is absent. Of a repeated
 * parameter the last counts.
 * @throws AppError `invalid_request` naming the parameter.
 */
export function parseBooleanQuery(value: QueryValue, name: string): boolean | undefined {
  const word = lastQueryValue(value).trim().toLowerCase()
  if (word === '') return undefined
  if (TRUE_WORDS.has(word)) return true
  if (FALSE_WORDS.has(word)) return false
  throw invalidRequest(`${name}: must be a boolean`)
}

/** The allowed range of an integer, both ends included. */
export interface IntegerRange {
  readonly min: number
  readonly max: number
}

/**
 * Reads a decimal integer query parameter; empty is absent. Of a repeated parameter the last counts.
 * @throws AppError `invalid_request` naming the parameter and the range.
 */
export function parseIntegerQuery(value: QueryValue, name: string, range: IntegerRange): number | undefined {
  const text = lastQueryValue(value).trim()
  if (text === '') return undefined
  const number = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (number >= range.min && number <= range.max) return number
  throw invalidRequest(`${name}: must be an integer from ${range.min} to ${range.max}`)
}

/**
 * Reads a list query parameter (contract 1.3): a JSON array of strings (JS client), a repeated parameter (Python
 * client), a comma list, or these mixed. Empty is absent: `[]`.
 */
export function parseListQuery(value: QueryValue): string[] {
  return asArray(value).flatMap(splitEntry)
}

function splitEntry(text: string): string[] {
  const words = jsonStrings(text) ?? text.split(',')
  return words.map((word) => word.trim()).filter((word) => word !== '')
}

/** The strings of a JSON array, or null when the text is something else. */
function jsonStrings(text: string): string[] | null {
  if (!text.trimStart().startsWith('[')) return null
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) && parsed.every((word) => typeof word === 'string') ? parsed : null
  } catch {
    // Not JSON after all: the text is read as a comma list, whose words the caller then checks.
    return null
  }
}

function asArray(value: QueryValue): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

/** The last of a repeated parameter; empty when it is absent. */
export function lastQueryValue(value: QueryValue): string {
  return asArray(value).at(-1) ?? ''
}
