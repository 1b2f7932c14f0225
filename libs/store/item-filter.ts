import { invalidRequest, isJsonObject, type JsonObject, storableText, toJsonb } from '#kernel'
import type { SqlParameters } from './sql-parameters.js'

/** Most comparisons of one filter: each is part of the statement. */
const MAX_COMPARISONS = 100

/** How one top-level field of a value is compared with an operand. */
type Comparison = (field: Field, operand: unknown, parameters: SqlParameters) => string

interface Field {
  readonly name: string
  /** The field's `jsonb`, NULL where the value has no such field. */
  readonly json: string
  /** The field's text. */
  readonly text: string
}

const NUMBER = /^-?\d{1,100}(\.\d{1,100})?$/
const SQL_NUMBER = String.raw`'^-?\d{1,100}(\.\d{1,100})?$'`

const OPERATORS: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ['$eq', equals],
  ['$ne', (field, operand, parameters) => `${field.json} IS DISTINCT FROM ${parameters.add(toJsonb(operand))}::jsonb`],
  ['$gt', ordered('>')],
  ['$gte', ordered('>=')],
  ['$lt', ordered('<')],
  ['$lte', ordered('<=')],
])

/**
 * The conditions of a filter on the column `value` (contract section 9): per top-level field a value, or operators as
 * LangGraph's stores know them. Numbers, and texts that are decimal numbers, are ordered as numbers; other texts by
 * code point. A comparison of things of different kinds is false.
 * @throws AppError `invalid_request` for one with too many comparisons.
 */
export function filterConditions(filter: JsonObject, parameters: SqlParameters): string[] {
  requireShort(filter)
  return Object.entries(filter).flatMap(([name, wanted]) => {
    const place = `${parameters.add(storableText(name))}::text`
    const field = { name, json: `value -> ${place}`, text: `value ->> ${place}` }
    if (!isOperators(wanted)) return [equals(field, wanted, parameters)]
    return Object.entries(wanted).map(([operator, operand]) => OPERATORS.get(operator)!(field, operand, parameters))
  })
}

function requireShort(filter: JsonObject): void {
  const comparisons = Object.values(filter).map((wanted) => (isOperators(wanted) ? Object.keys(wanted).length : 1))
  const count = comparisons.reduce((sum, each) => sum + each, 0)
  if (count > MAX_COMPARISONS) throw invalidRequest(`filter: must have at most ${MAX_COMPARISONS} comparisons`)
}

function isOperators(wanted: unknown): wanted is JsonObject {
  if (!isJsonObject(wanted)) return false
  const keys = Object.keys(wanted)
  return keys.length > 0 && keys.every((key) => OPERATORS.has(key))
}

/** Containment alone would take a larger object for equal, but it is what the index knows. */
function equals({ name, json }: Field, operand: unknown, parameters: SqlParameters): string {
  const contained = parameters.add(toJsonb(Object.fromEntries([[name, operand]])))
  return `value @> ${contained}::jsonb AND ${json} = ${parameters.add(toJsonb(operand))}::jsonb`
}

function ordered(operator: '>' | '>=' | '<' | '<='): Comparison {
  return ({ json, text }, operand, parameters) => {
    if (typeof operand === 'number' || (typeof operand === 'string' && NUMBER.test(operand))) {
      return `${asNumber(json, text)} ${operator} ${parameters.add(String(operand))}::numeric`
    }
    // Every parameter must stand in the statement.
    if (typeof operand !== 'string') return `${json} IS NULL AND FALSE`
    const right = parameters.add(storableText(operand))
    return `jsonb_typeof(${json}) = 'string' AND (${text}) COLLATE "C" ${operator} ${right}::text`
  }
}

/** CASE, since a cast must not be tried on what is no number. */
function asNumber(json: string, text: string): string {
  return `CASE WHEN jsonb_typeof(${json}) = 'number' OR jsonb_typeof(${json}) = 'string' AND (${text}) ~ ${SQL_NUMBER}
    THEN (${text})::numeric END`
}
