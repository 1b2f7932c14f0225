import { buildMessage, ValidateBy } from 'class-validator'

/** How many paths one item may be indexed by. */
const MAX_PATHS = 100

/** The property is `false` or a list of paths. */
export function IsItemIndex(): PropertyDecorator {
  const validator = {
    validate: (value: unknown) => value === false || isPaths(value),
    defaultMessage: buildMessage(() => `$property must be false or a list of at most ${MAX_PATHS} paths`),
  }
  return ValidateBy({ name: 'isItemIndex', validator })
}

function isPaths(value: unknown): boolean {
  return Array.isArray(value) && value.length <= MAX_PATHS && value.every((path) => typeof path === 'string')
}
