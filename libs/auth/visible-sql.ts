import { toJsonb } from '#kernel'
import type { ContainsFilter, MetadataFilter, Visibility } from './metadata-filter.js'

/**
 * A condition of SQL that holds for what the caller may see; its values are added to `parameters`.
 * @param column the jsonb column with the metadata, as the statement names it.
 */
export function visibleSql(visibility: Visibility, column: string, parameters: unknown[]): string {
  return visibility === null ? 'TRUE' : conditionSql(visibility, column, parameters)
}

function conditionSql(filter: MetadataFilter, column: string, parameters: unknown[]): string {
  if ('parts' in filter) {
    const parts = filter.parts.map((part) => conditionSql(part, column, parameters))
    return `(${parts.join(filter.op === 'and' ? ' AND ' : ' OR ')})`
  }
  if (filter.op === 'contains') return containsSql(filter, column, parameters)
  const key = placed(parameters, filter.key)
  const value = placed(parameters, toJsonb(filter.value))
  const holds = placed(parameters, toJsonb({ [filter.key]: filter.value }))
  // Containment alone would take a longer list for an equal one; equality alone would not use the index.
  return `(${column} @> ${holds}::jsonb AND ${column} -> ${key}::text = ${value}::jsonb)`
}

/** An element that is an object must be there as it is: `@>` alone would take one with more keys for it. */
function containsSql({ key, values }: ContainsFilter, column: string, parameters: unknown[]): string {
  const at = placed(parameters, key)
  const holds = placed(parameters, toJsonb({ [key]: values }))
  const wanted = placed(parameters, toJsonb(values))
  return `(${column} @> ${holds}::jsonb AND NOT EXISTS (
    SELECT 1 FROM jsonb_array_elements(${wanted}::jsonb) AS wanted(value) WHERE NOT EXISTS (
      SELECT 1 FROM jsonb_array_elements(CASE WHEN jsonb_typeof(${column} -> ${at}::text) = 'array'
        THEN ${column} -> ${at}::text ELSE '[]'::jsonb END) AS found(value) WHERE found.value = wanted.value)))`
}

function placed(parameters: unknown[], value: unknown): string {
  return `$${parameters.push(value)}`
}
