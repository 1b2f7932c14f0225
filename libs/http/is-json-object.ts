import { buildMessage, ValidateBy, type ValidationOptions } from 'class-validator'
import { isJsonObject } from '#kernel'

/** The property must be a JSON object: no array, no scalar. */
export function IsJsonObject(options?: ValidationOptions): PropertyDecorator {
  const validator = {
    validate: isJsonObject,
    defaultMessage: buildMessage((prefix) => `${prefix}$property must be an object`, options),
  }
  return ValidateBy({ name: 'isJsonObject', validator }, options)
}
