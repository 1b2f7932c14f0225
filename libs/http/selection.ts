import { invalidRequest } from '#kernel'

/**
 * Checks a `select` from a query (contract 1.13); bodies use `@IsIn(fields, { each: true })`.
 * @throws AppError `invalid_request` naming the unknown member.
 */
export function requireSelectable(select: readonly string[], fields: readonly string[]): readonly string[] {
  const unknown = select.find((field) => !fields.includes(field))
  if (unknown !== undefined) throw invalidRequest(`select: unknown field "${unknown}"; one of ${fields.join(', ')}`)
  return select
}

/** The object with the selected keys alone; an absent or empty selection takes all. */
export function pickSelected<Wire extends object>(
  object: Wire,
  select: readonly string[] | null | undefined,
): Partial<Wire> {
  if (!select?.length) return object
  const wanted = new Set(select)
  return Object.fromEntries(Object.entries(object).filter(([key]) => wanted.has(key))) as Partial<Wire>
}
