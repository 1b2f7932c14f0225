import { getMetadataStorage, type ValidationError, validateSync } from 'class-validator'
import { invalidRequest, isJsonObject } from '#kernel'
import { isDeeperThan, MAX_JSON_DEPTH } from './json-depth.js'

/** A class whose properties carry class-validator's decorators. */
export type DtoClass<Dto extends object> = new () => Dto

/** Problems named in one answer; the rest come after these are mended. */
const SHOWN_PROBLEMS = 5

/**
 * Makes a DTO of a request body: takes the decorated properties and no others (contract 1.2), as they are, and
 * validates them. An absent body counts as `{}`. Properties inside a property are not looked at: a nested DTO is made
 * by a call of its own, with its path.
 * @throws AppError `invalid_request` with one `<path>: <problem>` for each of the first problems.
 */
export function parseDto<Dto extends object>(dtoClass: DtoClass<Dto>, body: unknown, path = ''): Dto {
  const source = body ?? {}
  const where = path === '' ? 'body' : path
  if (!isJsonObject(source)) throw invalidRequest(`${where}: must be an object`)
  if (isDeeperThan(source, MAX_JSON_DEPTH))
    throw invalidRequest(`${where}: nested deeper than ${MAX_JSON_DEPTH} levels`)
  const dto = takeKnown(dtoClass, source)
  const errors = validateSync(dto, { forbidUnknownValues: false, stopAtFirstError: true })
  if (errors.length > 0) throw invalidRequest(describeProblems(errors, path))
  return dto
}

/**
 * class-transformer is not used: it copies a whole body, drops keys named `constructor`, and fails on a nested object
 * that has one, all of which a graph's input may hold.
 */
function takeKnown<Dto extends object>(dtoClass: DtoClass<Dto>, source: Record<string, unknown>): Dto {
  const dto = new dtoClass()
  for (const property of propertiesOf(dtoClass)) {
    if (Object.hasOwn(source, property)) Reflect.set(dto, property, source[property])
  }
  return dto
}

const knownProperties = new WeakMap<object, readonly string[]>()

function propertiesOf(dtoClass: DtoClass<object>): readonly string[] {
  const known = knownProperties.get(dtoClass)
  if (known !== undefined) return known
  const rules = getMetadataStorage().getTargetValidationMetadatas(dtoClass, '', false, false)
  const properties = [...new Set(rules.map((rule) => rule.propertyName))]
  knownProperties.set(dtoClass, properties)
  return properties
}

function describeProblems(errors: readonly ValidationError[], path: string): string {
  const problems = errors.flatMap((error) =>
    Object.values(error.constraints ?? {}).map((message) => describeProblem(error.property, message, path)),
  )
  return problems.slice(0, SHOWN_PROBLEMS).join('; ')
}

/** `limit must not be less than 1` → `limit: must not be less than 1`. */
function describeProblem(property: string, message: string, path: string): string {
  const problem = message.startsWith(`${property} `) ? message.slice(property.length + 1) : message
  return `${path === '' ? property : `${path}.${property}`}: ${problem}`
}
