import { ValidateBy } from 'class-validator'
import { isJsonObject } from '#kernel'

/** The property is a `config` of runs: an object whose known parts have the right types. */
export function IsAssistantConfig(): PropertyDecorator {
  return ValidateBy({
    name: 'isAssistantConfig',
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
