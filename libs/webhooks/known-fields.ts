import { invalidRequest, isJsonObject } from '#kernel'

/**
 * A misspelt field would be none, and the order another than was meant. `given`: a body as sent, or a query.
 * @throws AppError 422 naming a field that is not among the `known` ones.
 */
export function requireKnownFields(given: unknown, known: readonly string[], what = 'field'): void {
  const unknown = Object.keys(isJsonObject(given) ? given : {}).find((field) => !known.includes(field))
  if (unknown !== undefined) throw invalidRequest(`${unknown}: unknown ${what}; one of ${known.join(', ')}`)
}
