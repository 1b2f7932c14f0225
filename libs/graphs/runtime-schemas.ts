import type { JsonObject } from '#kernel'
import { channelSchema, type SchemaSide } from './channel-schema.js'
import { asDocument, type JsonSchema } from './json-schema.js'
import { type StateDefinition, stateDefinition, type ZodMetaRegistry } from './state-definition.js'
import { isStateSchema, stateSchemaForm } from './state-schema-form.js'
import { isZodObject, zodKeys, zodObjectSchema } from './zod-schema.js'

/** The types of a graph, each a draft-07 document or null where nothing is known (contract 3.12). */
export interface GraphSchemaSet {
  readonly state: JsonSchema | null
  readonly input: JsonSchema | null
  readonly output: JsonSchema | null
  /** In JavaScript the same as `context`. */
  readonly config: JsonSchema | null
  readonly context: JsonSchema | null
}

/** Nothing is known, as of graphs of the functional API. */
export const NO_SCHEMAS: GraphSchemaSet = { state: null, input: null, output: null, config: null, context: null }

/** What a compiled graph tells of its types while it runs: all for zod and `StateSchema`, names for annotations. */
export function runtimeSchemas(graph: object): GraphSchemaSet {
  const definition = stateDefinition(graph)
  if (definition === null) return NO_SCHEMAS
  const context = contextSchema(definition)
  return {
    state: schemaOf(definition, 'state', 'state'),
    input: schemaOf(definition, 'input', 'input'),
    output: schemaOf(definition, 'output', 'state'),
    config: context,
    context,
  }
}

function schemaOf({ channels, typed, registry }: StateDefinition, part: keyof typeof channels, side: SchemaSide) {
  const names = channels[part]
  const schema = typed[part]
  return asDocument((schema && typedSchema(schema, names, side, registry)) ?? channelSchema(names, side))
}

/** Null when the type is another part's (LangGraph fills it in where none was given), or cannot be converted. */
function typedSchema(
  schema: object,
  channels: JsonObject,
  side: SchemaSide,
  registry: ZodMetaRegistry | null,
): JsonSchema | null {
  if (isStateSchema(schema)) {
    return hasKeys(channels, Object.keys(schema.fields)) ? stateSchemaForm(schema, side) : null
  }
  if (!isZodObject(schema) || !hasKeys(channels, zodKeys(schema))) return null
  try {
    return zodObjectSchema(schema, side, registry)
  } catch {
    // A zod schema that has no JSON Schema: the names of the channels are still known.
    return null
  }
}

function contextSchema({ typed, registry }: StateDefinition): JsonSchema | null {
  if (typed.context === null || !isZodObject(typed.context)) return null
  try {
    return asDocument(zodObjectSchema(typed.context, 'context', registry))
  } catch {
    // As above; the answer of the contract for a schema that cannot be derived is null.
    return null
  }
}

function hasKeys(channels: JsonObject, keys: readonly string[]): boolean {
  return keys.length === Object.keys(channels).length && keys.every((key) => key in channels)
}
