import { buildMessage, ValidateBy } from 'class-validator'

/** The property belongs to the contract but is not built yet: refused rather than ignored, unless it is null. */
export function IsUnsupported(): PropertyDecorator {
  const validator = {
    validate: (value: unknown) => value === undefined || value === null,
    defaultMessage: buildMessage(() => '$property is not supported yet; leave it out'),
  }
  return ValidateBy({ name: 'isUnsupported', validator })
}
