import type { JsonObject } from '#kernel'

/** A JSON Schema, draft-07. */
export type JsonSchema = JsonObject

const DRAFT_07 = 'http://json-schema.org/draft-07/schema#'

/** The schema of a whole document: with its dialect named. */
export function asDocument(schema: JsonSchema): JsonSchema {
  return { ...schema, $schema: DRAFT_07 }
}

/** An object of these properties. */
export function objectSchema(properties: Record<string, JsonSchema>, required: readonly string[] = []): JsonSchema {
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }
}
