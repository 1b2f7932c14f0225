import { isJsonObject, type JsonObject } from '#kernel'

/** What LangGraph keeps beside zod schemas: reducers, and extras such as `langgraph_type` (`@langchain/langgraph/zod`). */
export interface ZodMetaRegistry {
  getExtendedChannelSchemas(schema: object, effects: Record<string, boolean>): object
}

/**
 * What a graph's builder knows about the types of its state. The names are LangGraph's own; they are read by shape,
 * since the user's graph may come from another copy of the package.
 */
export interface StateDefinition {
  /** Channel name → channel, of the state, the input and the output. */
  readonly channels: Readonly<Record<'state' | 'input' | 'output', JsonObject>>
  /** A zod object or a `StateSchema` where one was given. */
  readonly typed: Readonly<Record<'state' | 'input' | 'output' | 'context', object | null>>
  readonly registry: ZodMetaRegistry | null
}

/** The definition behind a compiled graph; null where there is none, as for graphs of the functional API. */
export function stateDefinition(graph: object): StateDefinition | null {
  const builder: unknown = (graph as { builder?: unknown }).builder
  if (!isJsonObject(builder) || !isJsonObject(builder['_schemaDefinition'])) return null
  const known = isJsonObject(builder['channels']) ? builder['channels'] : {}
  const channelsOf = (definition: unknown) => pickChannels(known, isJsonObject(definition) ? definition : {})
  const state = objectOrNull(builder['_schemaRuntimeDefinition'])
  return {
    channels: {
      state: channelsOf(builder['_schemaDefinition']),
      input: channelsOf(builder['_inputDefinition']),
      output: channelsOf(builder['_outputDefinition']),
    },
    typed: {
      state,
      // A symbol stands there for "the state's, in part".
      input: objectOrNull(builder['_inputRuntimeDefinition']) ?? state,
      output: objectOrNull(builder['_outputRuntimeDefinition']),
      context: objectOrNull(builder['_configRuntimeSchema']),
    },
    registry: registryOf(builder['_metaRegistry']),
  }
}

function pickChannels(known: JsonObject, definition: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(definition).map((name) => [name, known[name]]))
}

function objectOrNull(value: unknown): object | null {
  return typeof value === 'object' ? value : null
}

function registryOf(value: unknown): ZodMetaRegistry | null {
  const isRegistry = isJsonObject(value) && typeof value['getExtendedChannelSchemas'] === 'function'
  return isRegistry ? (value as unknown as ZodMetaRegistry) : null
}
