import { toJsonSchema } from '@langchain/core/utils/json_schema'
import { getInteropZodObjectShape, type InteropZodObject, isInteropZodObject } from '@langchain/core/utils/types'
import { isJsonObject } from '#kernel'
import type { SchemaSide } from './channel-schema.js'
import type { JsonSchema } from './json-schema.js'
import type { ZodMetaRegistry } from './state-definition.js'

/** Marks a description under which LangGraph's registry hides its extras while a schema is converted. */
const EXTRAS_PREFIX = 'lg:'

/** What JSON Schema has no words for (dates, custom checks) becomes `{}` instead of a failure. Read for zod 4 only. */
const CONVERSION = { target: 'draft-7', unrepresentable: 'any' } as const

/** With `input`, what has a default need not be given. */
type Direction = 'input' | 'output'

/** Whether the value is an object schema of zod 3 or 4. */
export function isZodObject(value: object): value is InteropZodObject {
  return isInteropZodObject(value)
}

/** The names of its properties. */
export function zodKeys(schema: InteropZodObject): string[] {
  return Object.keys(getInteropZodObjectShape(schema))
}

/**
 * The schema of a state, with what `langgraph/zod` knows beside zod: the types that reducers take on the input's side,
 * and extras such as `langgraph_type`.
 * @throws what zod throws for a schema that it cannot convert.
 */
export function zodObjectSchema(
  schema: InteropZodObject,
  side: SchemaSide | 'context',
  registry: ZodMetaRegistry | null,
): JsonSchema {
  const input = { withReducerSchema: true, asPartial: true }
  const effects = { withJsonSchemaExtrasAsDescription: true, ...(side === 'input' ? input : {}) }
  const direction = side === 'state' ? 'output' : 'input'
  return zodSchema(registry?.getExtendedChannelSchemas(schema, effects) ?? schema, direction)
}

/** Any schema of zod 3 or 4. @throws what zod throws for a schema that it cannot convert. */
export function zodSchema(schema: object, io: Direction): JsonSchema {
  const converted = toJsonSchema(schema as InteropZodObject, { ...CONVERSION, io }) as JsonSchema
  const { $schema: _dialect, ...rest } = withExtras(converted) as JsonSchema
  return rest
}

function withExtras(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withExtras)
  if (!isJsonObject(value)) return value
  const copy = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withExtras(item)]))
  const extras = extrasIn(copy['description'])
  if (extras === null) return copy
  const { description: _hidden, ...rest } = copy
  return { ...rest, ...extras }
}

/** The extras in a description; null when it is one of the user's own. */
function extrasIn(description: unknown): JsonSchema | null {
  if (typeof description !== 'string' || !description.startsWith(EXTRAS_PREFIX)) return null
  try {
    const extras: unknown = JSON.parse(description.slice(EXTRAS_PREFIX.length))
    return isJsonObject(extras) ? extras : null
  } catch {
    // A text that happens to begin like that.
    return null
  }
}
