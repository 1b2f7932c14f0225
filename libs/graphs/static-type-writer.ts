import type ts from 'typescript'
import { type JsonSchema, objectSchema } from './json-schema.js'
import { isForeignObject, isMessageList, isMessageType } from './static-known-types.js'
import type { TypeScript } from './static-project.js'

/** Deeper than this, and after so many types, nothing more is said: types may go on for ever. */
const MAX_DEPTH = 16
const MAX_TYPES = 5_000

/** A type that is being described; it gets a name when it is met again inside itself. */
interface OpenType {
  readonly type: ts.Type
  name: string | null
}

/** Describes TypeScript types as JSON Schema, draft-07, as their values look once they are JSON. Used for one document. */
export class TypeWriter {
  readonly #checker: ts.TypeChecker
  readonly #open: OpenType[] = []
  readonly #definitions: Record<string, JsonSchema> = {}
  #count = 0

  constructor(
    private readonly ts: TypeScript,
    private readonly program: ts.Program,
  ) {
    this.#checker = program.getTypeChecker()
  }

  /** The schema of the type with all definitions it needs; empty when nothing can be said. */
  document(type: ts.Type): JsonSchema {
    const written = this.#write(type)
    const reference = typeof written['$ref'] === 'string' ? written['$ref'].slice(DEFINITIONS.length) : null
    const schema = (reference === null ? null : this.#definitions[reference]) ?? written
    return Object.keys(this.#definitions).length > 0 ? { ...schema, definitions: this.#definitions } : schema
  }

  #write(type: ts.Type): JsonSchema {
    this.#count += 1
    if (this.#open.length > MAX_DEPTH || this.#count > MAX_TYPES) return {}
    const simple = this.#simple(type)
    if (simple) return simple
    if (type.isUnion()) return this.#union(type.types)
    if (type.isIntersection()) return this.#intersection(type)
    if (type.flags & this.ts.TypeFlags.Instantiable) {
      const constraint = this.#checker.getBaseConstraintOfType(type)
      return constraint && constraint !== type ? this.#write(constraint) : {}
    }
    return type.flags & this.ts.TypeFlags.Object ? this.#object(type) : {}
  }

  /** Types without parts. A bigint is written as its digits. */
  #simple(type: ts.Type): JsonSchema | null {
    const { TypeFlags } = this.ts
    if (type.isStringLiteral()) return { type: 'string', const: type.value }
    if (type.isNumberLiteral()) return { type: 'number', const: type.value }
    if (type.flags & TypeFlags.BooleanLiteral) return { type: 'boolean', const: this.#isTrue(type) }
    if (type.flags & TypeFlags.Null) return { type: 'null' }
    if (type.flags & TypeFlags.BooleanLike) return { type: 'boolean' }
    if (type.isUnion()) return null
    if (type.flags & (TypeFlags.StringLike | TypeFlags.BigIntLike)) return { type: 'string' }
    if (type.flags & TypeFlags.NumberLike) return { type: 'number' }
    return type.flags & TypeFlags.NonPrimitive ? { type: 'object' } : null
  }

  #isTrue(type: ts.Type): boolean {
    return this.#checker.typeToString(type) === 'true'
  }

  /** Any of the types: literals become one `enum`; what may be anything makes the whole anything. */
  #union(types: readonly ts.Type[]): JsonSchema {
    const written = types.filter((type) => this.#isSaid(type)).map((type) => this.#write(type))
    if (written.some((schema) => Object.keys(schema).length === 0)) return {}
    const literals = written.filter((schema) => 'const' in schema)
    const rest = distinct(written.filter((schema) => !('const' in schema)))
    const all = literals.length > 0 ? [oneOf(literals), ...rest] : rest
    return all.length === 1 ? all[0]! : all.length === 0 ? {} : { anyOf: all }
  }

  /** Not `undefined`, no function, and not LangGraph's wrapper that replaces a value instead of reducing it. */
  #isSaid(type: ts.Type): boolean {
    const { TypeFlags } = this.ts
    if (type.flags & (TypeFlags.Undefined | TypeFlags.Void | TypeFlags.Never)) return false
    return type.getCallSignatures().length === 0 && type.getProperty('__overwrite__') === undefined
  }

  /** A branded text is a text; else the properties of all. */
  #intersection(type: ts.IntersectionType): JsonSchema {
    const simple = type.types.map((part) => this.#simple(part)).find((schema) => schema !== null)
    return simple && simple['type'] !== 'object' ? simple : this.#named(type)
  }

  #object(type: ts.Type): JsonSchema {
    if (this.#checker.isTupleType(type)) return this.#tuple(type as ts.TupleTypeReference)
    if (this.#checker.isArrayType(type)) return this.#array(type as ts.TypeReference)
    if (isMessageType(type)) return { type: 'object' }
    if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) return {}
    if (isForeignObject(this.ts, this.program, type)) {
      return type.symbol.name === 'Date' ? { type: 'string', format: 'date-time' } : {}
    }
    return this.#named(type)
  }

  #array(type: ts.TypeReference): JsonSchema {
    const [item] = this.#checker.getTypeArguments(type)
    return { type: 'array', items: item ? this.#write(item) : {} }
  }

  #tuple(type: ts.TupleTypeReference): JsonSchema {
    const { minLength, hasRestElement, fixedLength } = type.target
    const items = this.#checker.getTypeArguments(type).map((item) => this.#write(item))
    const rest = hasRestElement ? { additionalItems: items[fixedLength] ?? {} } : { maxItems: fixedLength }
    return { type: 'array', items: items.slice(0, fixedLength), minItems: minLength, ...rest }
  }

  /** An object's own schema, or a reference where it contains itself. */
  #named(type: ts.Type): JsonSchema {
    const outer = this.#open.find((open) => open.type === type)
    if (outer) return { $ref: DEFINITIONS + (outer.name ??= this.#newName(type)) }
    const open: OpenType = { type, name: null }
    this.#open.push(open)
    const schema = this.#properties(type)
    this.#open.pop()
    if (open.name === null) return schema
    this.#definitions[open.name] = schema
    return { $ref: DEFINITIONS + open.name }
  }

  #newName(type: ts.Type): string {
    const own = (type.aliasSymbol ?? type.symbol)?.name
    const base = own && /^\w+$/.test(own) && !own.startsWith('__') ? own : 'Type'
    const taken = new Set([...Object.keys(this.#definitions), ...this.#open.map(({ name }) => name)])
    let name = base
    for (let number = 2; taken.has(name); number += 1) name = `${base}${number}`
    return name
  }

  #properties(type: ts.Type): JsonSchema {
    const properties: Record<string, JsonSchema> = {}
    const required: string[] = []
    for (const symbol of this.#checker.getPropertiesOfType(type)) {
      const value = this.#checker.getTypeOfSymbol(symbol)
      if (!this.#isShown(symbol, value)) continue
      properties[symbol.name] = this.#property(symbol, value)
      if (this.#isRequired(symbol, value)) required.push(symbol.name)
    }
    const others = type.getStringIndexType()
    const additional = others ? this.#write(others) : {}
    return {
      ...objectSchema(properties, required),
      ...(Object.keys(additional).length > 0 ? { additionalProperties: additional } : {}),
    }
  }

  /** JSON holds no functions and no symbols, and what is private is nobody's business. */
  #isShown(symbol: ts.Symbol, type: ts.Type): boolean {
    if (symbol.name.startsWith('__@') || symbol.name.startsWith('#') || symbol.name === '__proto__') return false
    const { ModifierFlags } = this.ts
    const declared = symbol.valueDeclaration
    const modifiers = declared ? this.ts.getCombinedModifierFlags(declared) : ModifierFlags.None
    if (modifiers & (ModifierFlags.Private | ModifierFlags.Protected)) return false
    return this.#checker.getNonNullableType(type).getCallSignatures().length === 0
  }

  #property(symbol: ts.Symbol, type: ts.Type): JsonSchema {
    const description = this.ts.displayPartsToString(symbol.getDocumentationComment(this.#checker))
    return { ...this.#value(type), ...(description ? { description } : {}) }
  }

  #value(type: ts.Type): JsonSchema {
    if (!isMessageList(this.#checker, type)) return this.#write(type)
    const isList = this.#checker.isArrayType(type)
    return isList ? { ...this.#write(type), langgraph_type: 'messages' } : { langgraph_type: 'messages' }
  }

  #isRequired(symbol: ts.Symbol, type: ts.Type): boolean {
    const { SymbolFlags, TypeFlags } = this.ts
    if (symbol.flags & SymbolFlags.Optional || type.flags & (TypeFlags.Any | TypeFlags.Unknown)) return false
    const parts = type.isUnion() ? type.types : [type]
    return !parts.some((part) => part.flags & (TypeFlags.Undefined | TypeFlags.Void))
  }
}

const DEFINITIONS = '#/definitions/'

/** One schema for several literals. */
function oneOf(literals: readonly JsonSchema[]): JsonSchema {
  const values = literals.map((schema) => schema['const'])
  const types = new Set(literals.map((schema) => schema['type']))
  if (types.has('boolean') && values.length === 2 && types.size === 1) return { type: 'boolean' }
  if (values.length === 1) return literals[0]!
  return types.size === 1 ? { type: [...types][0], enum: values } : { enum: values }
}

function distinct(schemas: readonly JsonSchema[]): JsonSchema[] {
  return [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()]
}
