/** A JSON object as it comes from outside: nothing is known of its values. */
export type JsonObject = Record<string, unknown>

/** Whether the value is an object that JSON writes with braces. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The name and message of whatever was thrown. Never throws: users' code may throw what has no text. */
export function describeError(thrown: unknown): { error: string; message: string } {
  try {
    if (thrown instanceof Error) return { error: thrown.name || 'Error', message: String(thrown.message) }
    return { error: 'Error', message: String(thrown) }
  } catch {
    return { error: 'Error', message: 'a value that cannot be read' }
  }
}
