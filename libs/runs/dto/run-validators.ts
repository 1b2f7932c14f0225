import { ValidateBy } from 'class-validator'

/** A string or a list of strings; with `allowed`, each of these words. */
export function IsOneOrMany(allowed: readonly string[] | null): PropertyDecorator {
  const rule = allowed ? `must be one or a list of: ${allowed.join(', ')}` : 'must be a string or a list of strings'
  return ValidateBy({
    name: 'isOneOrMany',
    validator: {
      validate: (value) => listOf(value).every((word) => typeof word === 'string' && (allowed?.includes(word) ?? true)),
      defaultMessage: () => `$property ${rule}`,
    },
  })
}

/** `*` or a list of node names. */
export function IsNodeSelection(): PropertyDecorator {
  return ValidateBy({
    name: 'isNodeSelection',
    validator: {
      validate: (value) => value === '*' || (Array.isArray(value) && value.every((name) => typeof name === 'string')),
      defaultMessage: () => '$property must be "*" or a list of node names',
    },
  })
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}
