import { isZodSchemaV3, isZodSchemaV4 } from '@langchain/core/utils/types'
import { isJsonObject } from '#kernel'
import type { SchemaSide } from './channel-schema.js'
import { type JsonSchema, objectSchema } from './json-schema.js'
import { zodSchema } from './zod-schema.js'

const STATE_SCHEMA = Symbol.for('langgraph.state.state_schema')

/** LangGraph's `StateSchema`, known by its mark. */
export interface StateSchemaLike {
  readonly fields: Readonly<Record<string, object>>
}

/** Whether the value is LangGraph's `StateSchema`. */
export function isStateSchema(value: object): value is StateSchemaLike {
  return STATE_SCHEMA in value && isJsonObject((value as { fields?: unknown }).fields)
}

/** A field is a Standard Schema, or wraps some: `ReducedValue` and `DeltaValue` two, `UntrackedValue` none or one. */
interface WrappedField {
  readonly valueSchema?: object
  readonly inputSchema?: object
  readonly schema?: object
  readonly jsonSchemaExtra?: object
}

/**
 * The schema of a `StateSchema`. LangGraph's own leaves out fields that its schema library cannot write as JSON
 * Schema; here they stand as `{}`, and fields of zod 3 are converted too.
 */
export function stateSchemaForm({ fields }: StateSchemaLike, side: SchemaSide): JsonSchema {
  const entries = Object.entries(fields)
  const properties = entries.map(([name, field]) => [name, describeField(field, side)] as const)
  const required = side === 'input' ? [] : entries.filter(([, field]) => !takesNothing(field)).map(([name]) => name)
  return objectSchema(Object.fromEntries(properties), required)
}

function describeField(field: object, side: SchemaSide): JsonSchema {
  const { jsonSchemaExtra } = field as WrappedField
  const schema = schemaIn(field, side)
  return { ...(schema ? describe(schema, side) : {}), ...jsonSchemaExtra }
}

function schemaIn(field: object, side: SchemaSide): object | null {
  if ('~standard' in field) return field
  const { valueSchema, inputSchema, schema } = field as WrappedField
  return (side === 'input' ? inputSchema : valueSchema) ?? schema ?? null
}

function describe(schema: object, side: SchemaSide): JsonSchema {
  try {
    if (isZodSchemaV3(schema) || isZodSchemaV4(schema)) return zodSchema(schema, side === 'input' ? 'input' : 'output')
    const standard = (schema as { '~standard'?: { jsonSchema?: { input?(options: object): JsonSchema } } })['~standard']
    const { $schema: _dialect, ...described } = standard?.jsonSchema?.input?.({ target: 'draft-07' }) ?? {}
    return described
  } catch {
    // The library has no JSON Schema for it: nothing is known of the field but its name.
    return {}
  }
}

/** Whether a state without the field is whole: it has a default, or no type at all. */
function takesNothing(field: object): boolean {
  const schema = schemaIn(field, 'state') as { '~standard'?: { validate?(value: unknown): unknown } } | null
  if (schema === null) return true
  try {
    const result = schema['~standard']?.validate?.(undefined)
    return isJsonObject(result) && !('then' in result) && !result['issues']
  } catch {
    return false
  }
}
