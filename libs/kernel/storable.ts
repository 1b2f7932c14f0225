const JSON_ESCAPE = /\\(u[0-9a-fA-F]{4}|.)/gs
const UNSTORABLE_ESCAPE = /^u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})$/

/**
 * Makes JSON text storable in PostgreSQL's `jsonb`: U+0000 and lone surrogates become U+FFFD (design section 5).
 * Expects text from `JSON.stringify`, which writes only lone surrogates (never pairs) and U+0000 as escapes.
 */
export function storableJson(json: string): string {
  if (!json.includes('\\u')) return json
  return json.replace(JSON_ESCAPE, (escape, name: string) => (UNSTORABLE_ESCAPE.test(name) ? '\uFFFD' : escape))
}

/** Makes a plain string storable in a `text` column: U+0000 and lone surrogates become U+FFFD. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD')
}

/** `JSON.stringify` for a `jsonb` parameter; `undefined` becomes SQL NULL. */
export function toJsonb(value: unknown): string | null {
  const json = JSON.stringify(value)
  return json === undefined ? null : storableJson(json)
}
