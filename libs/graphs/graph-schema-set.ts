import type { JsonObject } from '#kernel'
import { channelSchema, type SchemaSide } from './channel-schema.js'
import { asDocument, type JsonSchema } from './json-schema.js'
import { type StateDefinition, stateDefinition, type ZodMetaRegistry } from './state-definition.js'
import type { StaticTypes } from './static-graph.js'
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

/** Nothing is known. */
const NO_TYPES: StaticTypes = { state: null, input: null, output: null, context: null }

/**
 * The types of a graph, of each part the best that is known: its zod schema or `StateSchema`, else what its source
 * declares, else the names of its channels. A graph of the functional API has its source alone.
 */
export function graphSchemas(graph: object, source: StaticTypes | null): GraphSchemaSet {
  const types = source ?? NO_TYPES
  const definition = stateDefinition(graph)
  if (definition === null) return { ...types, config: types.context }
  const context = contextSchema(definition) ?? types.context
  return {
    state: schemaOf(definition, 'state', 'state', types),
    input: schemaOf(definition, 'input', 'input', types),
    output: schemaOf(definition, 'output', 'state', types),
    config: context,
    context,
  }
}

/**
 * Whether the graph itself leaves something open that its source may tell. A context of TypeScript alone leaves no
 * trace in the graph: it is only found where something else is open.
 */
export function needsSource(graph: object): boolean {
  const definition = stateDefinition(graph)
  if (definition === null) return true
  const { channels, typed, registry } = definition
  const isTold = ([part, side]: readonly [keyof typeof channels, SchemaSide]) =>
    typed[part] !== null && typedSchema(typed[part], channels[part], side, registry) !== null
  return !PARTS.every(isTold)
}

const PARTS = [
  ['state', 'state'],
  ['input', 'input'],
  ['output', 'state'],
] as const

function schemaOf(
  { channels, typed, registry }: StateDefinition,
  part: keyof typeof channels,
  side: SchemaSide,
  source: StaticTypes,
): JsonSchema {
  const names = channels[part]
  const schema = typed[part]
  const known = schema && typedSchema(schema, names, side, registry)
  return asDocument(known ?? channelSchema(names, side, source[part]))
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
