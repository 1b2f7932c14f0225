import { buildMessage, ValidateBy } from 'class-validator'
import { isJsonObject } from '#kernel'

/** The property is what a node may give back: an object, a list of objects, null or absent (contract 4.9). */
export function IsStateValues(): PropertyDecorator {
  return check('isStateValues', 'an object, a list of objects or null', (value) => {
    return value == null || isJsonObject(value) || (Array.isArray(value) && value.every(isContainer))
  })
}

/** The property is `update` of a command: an object or a list of pairs of key and value; null or absent is none. */
export function IsUpdate(): PropertyDecorator {
  return check('isUpdate', 'an object or a list of [key, value]', (value) => {
    return value == null || isJsonObject(value) || (Array.isArray(value) && value.every(isPair))
  })
}

/** The property is `goto` of a command: a node's name, `{node, input}`, or a list of these; null or absent is none. */
export function IsGoto(): PropertyDecorator {
  return check('isGoto', 'a node, {node, input}, or a list of these', (value) => {
    return value == null || (Array.isArray(value) ? value.every(isTarget) : isTarget(value))
  })
}

function isContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string'
}

function isTarget(value: unknown): boolean {
  return typeof value === 'string' || (isJsonObject(value) && typeof value['node'] === 'string')
}

function check(name: string, what: string, validate: (value: unknown) => boolean): PropertyDecorator {
  return ValidateBy({ name, validator: { validate, defaultMessage: buildMessage(() => `$property must be ${what}`) } })
}
