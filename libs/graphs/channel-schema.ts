import { isJsonObject, type JsonObject } from '#kernel'
import { type JsonSchema, objectSchema } from './json-schema.js'

/** Whether values are described as they stand in the state, or as they are given to it. */
export type SchemaSide = 'state' | 'input'

/** The functions by which LangGraph's message channels are known: names, for the graph may use another copy. */
const MESSAGE_REDUCERS = new Set(['messagesStateReducer', 'messagesDeltaReducer'])

/**
 * What can be said of channels that have no types at run time (`Annotation.Root`): their names, which one holds
 * messages, and their types as far as the `source` declares them.
 */
export function channelSchema(channels: JsonObject, side: SchemaSide, source: JsonSchema | null): JsonSchema {
  const { properties: types = {}, required = [], definitions } = (source ?? {}) as ObjectSchema
  const properties = Object.entries(channels).map(([name, channel]) => {
    return [name, { ...(Object.hasOwn(types, name) ? types[name] : {}), ...describeChannel(channel, side) }] as const
  })
  const known = required.filter((name) => Object.hasOwn(channels, name))
  return { ...objectSchema(Object.fromEntries(properties), known), ...(definitions ? { definitions } : {}) }
}

/** The parts of an object's schema that are read here. */
interface ObjectSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly definitions?: JsonSchema
}

function describeChannel(channel: unknown, side: SchemaSide): JsonSchema {
  if (!isMessagesChannel(channel)) return {}
  // A message may also be given alone, or as a text: the input is not said to be a list.
  return side === 'input' ? { langgraph_type: 'messages' } : { type: 'array', items: {}, langgraph_type: 'messages' }
}

function isMessagesChannel(channel: unknown): boolean {
  if (!isJsonObject(channel)) return false
  return [channel['operator'], channel['reducer']].some(
    (reducer) => typeof reducer === 'function' && MESSAGE_REDUCERS.has(reducer.name),
  )
}
