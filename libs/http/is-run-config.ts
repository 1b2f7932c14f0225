import { ValidateBy } from 'class-validator'
import { isJsonObject } from '#kernel'

/** No graph means more steps than this in one run; a larger number is a mistake. */
const MAX_RECURSION_LIMIT = 1_000_000

/** A `config` of runs, also as an assistant keeps it: an object whose known parts have the right types. */
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
  if (limit != null && !(Number.isInteger(limit) && Number(limit) >= 1 && Number(limit) <= MAX_RECURSION_LIMIT)) {
    return `.recursion_limit must be an integer from 1 to ${MAX_RECURSION_LIMIT}`
  }
  if (configurable != null && !isJsonObject(configurable)) return '.configurable must be an object'
  if (metadata != null && !isJsonObject(metadata)) return '.metadata must be an object'
  if (tags != null && !(Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'))) {
    return '.tags must be a list of strings'
  }
  return null
}
