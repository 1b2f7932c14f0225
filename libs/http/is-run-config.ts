import { ValidateBy } from 'class-validator'
import { isJsonObject } from '#kernel'

/** No graph means more steps than this in one run; a larger number is a mistake. */
const MAX_RECURSION_LIMIT = 1_000_000
/** Of 0 tasks at once a run would never end. */
const MAX_CONCURRENCY = 10_000

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
  const { recursion_limit, max_concurrency, configurable, metadata, tags } = value
  if (!isUpTo(MAX_RECURSION_LIMIT, recursion_limit)) {
    return `.recursion_limit must be an integer from 1 to ${MAX_RECURSION_LIMIT}`
  }
  if (!isUpTo(MAX_CONCURRENCY, max_concurrency)) {
    return `.max_concurrency must be an integer from 1 to ${MAX_CONCURRENCY}`
  }
  if (configurable != null && !isJsonObject(configurable)) return '.configurable must be an object'
  if (metadata != null && !isJsonObject(metadata)) return '.metadata must be an object'
  if (tags != null && !(Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'))) {
    return '.tags must be a list of strings'
  }
  return null
}

/** Whether it is absent or a whole number from 1 on. */
function isUpTo(max: number, value: unknown): boolean {
  return value == null || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max)
}
