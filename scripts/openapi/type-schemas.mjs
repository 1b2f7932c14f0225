// JSON Schema of TypeScript types, by the compiler's own checker: named interfaces and classes become components.
import ts from 'typescript'

/** Turns types into schemas and collects the named ones. */
export class TypeSchemas {
  components = {}
  #names = new Map()

  constructor(checker) {
    this.checker = checker
  }

  /** The schema of a type; promises are unwrapped. */
  of(type, depth = 0) {
    const bare = this.checker.getAwaitedType(type) ?? type
    if (bare.isUnion()) return this.#union(bare, depth)
    if (bare.isStringLiteral() || bare.isNumberLiteral()) return { const: bare.value }
    const { flags } = bare
    if (flags & ts.TypeFlags.BooleanLiteral) return { const: this.checker.typeToString(bare) === 'true' }
    if (flags & ts.TypeFlags.String) return { type: 'string' }
    if (flags & ts.TypeFlags.Number) return { type: 'number' }
    if (flags & ts.TypeFlags.Null) return { type: 'null' }
    if (
      flags &
      (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Never | ts.TypeFlags.Void | ts.TypeFlags.Undefined)
    )
      return {}
    return this.#object(bare, depth)
  }

  #union(type, depth) {
    const members = type.types.filter((member) => !(member.flags & ts.TypeFlags.Undefined))
    const literals = members.filter((member) => member.isStringLiteral())
    const isBoolean = members.filter((member) => member.flags & ts.TypeFlags.BooleanLiteral).length === 2
    const others = members.filter((m) => !literals.includes(m) && !(isBoolean && m.flags & ts.TypeFlags.BooleanLiteral))
    const parts = [
      ...(literals.length > 0 ? [{ type: 'string', enum: literals.map(({ value }) => value) }] : []),
      ...(isBoolean ? [{ type: 'boolean' }] : []),
      ...others.map((member) => this.of(member, depth)),
    ]
    return parts.length === 1 ? parts[0] : { anyOf: parts }
  }

  #object(type, depth) {
    const [element] = this.checker.isArrayLikeType(type) ? this.checker.getTypeArguments(type) : []
    if (element) return { type: 'array', items: this.of(element, depth) }
    const symbol = type.aliasSymbol ?? type.symbol
    const isNamed =
      symbol &&
      !['__type', '__object', 'Record', 'Partial', 'Pick', 'Omit', 'Readonly', 'Date'].includes(symbol.name) &&
      !type.aliasTypeArguments?.length
    if (symbol?.name === 'Date') return { type: 'string', format: 'date-time' }
    if (depth > 20) return {}
    if (!isNamed) return this.#properties(type, depth)
    if (!this.#names.has(symbol)) {
      this.#names.set(symbol, symbol.name)
      this.components[symbol.name] = this.#properties(type, depth, symbol)
    }
    return { $ref: `#/components/schemas/${this.#names.get(symbol)}` }
  }

  #properties(type, depth, symbol) {
    const index = this.checker.getIndexTypeOfType(type, ts.IndexKind.String)
    const properties = {}
    const required = []
    for (const property of this.checker.getPropertiesOfType(type)) {
      const propertyType = this.checker.getTypeOfSymbol(property)
      if (propertyType.getCallSignatures().length > 0) continue
      properties[property.name] = { ...this.of(propertyType, depth + 1), ...this.describe(property) }
      if (!(property.flags & ts.SymbolFlags.Optional)) required.push(property.name)
    }
    return {
      type: 'object',
      ...(symbol ? this.describe(symbol) : {}),
      ...(Object.keys(properties).length > 0 ? { properties } : {}),
      ...(required.length > 0 ? { required } : {}),
      ...(index ? { additionalProperties: this.of(index, depth + 1) } : {}),
    }
  }

  /** The docstring, as a description: without what it says of documents that readers of the API do not have. */
  describe(symbol) {
    const comment = ts.displayPartsToString(symbol.getDocumentationComment(this.checker))
    const text = comment.replaceAll(/\s*\((webhooks )?contract [\w. ,]+\)/g, '').trim()
    return text === '' ? {} : { description: text }
  }
}
