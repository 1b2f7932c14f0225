import { ValidateBy } from 'class-validator'
import { isJsonObject } from '#kernel'

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

/** A run's `config`: an object whose known parts have the right types. */
export function IsRunConfig(): PropertyDecorator {
  return ValidateBy({
    name: 'isRunConfig',
    validator: {
      validate: (value) => configFault(value) === null,
      defaultMessage: (args) => `$property${configFault(args?.value) ?? ''}`,
    },
  })
}

function configFault(value: unknown): string | null {
  if (!isJsonObject(value)) return ' must be an object'
  const { recursion_limit: limit, configurable, metadata, tags } = value
  if (limit != null && !(Number.isInteger(limit) && Number(limit) >= 1)) {
    return '.recursion_limit must be an integer of at least 1'
  }
  if (configurable != null && !isJsonObject(configurable)) return '.configurable must be an object'
  if (metadata != null && !isJsonObject(metadata)) return '.metadata must be an object'
  if (tags != null && !(Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'))) {
    return '.tags must be a list of strings'
  }
  return null
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}
