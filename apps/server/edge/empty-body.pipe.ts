import { type ArgumentMetadata, type PipeTransform } from '@nestjs/common'
import { invalidJson } from './edge.errors.js'
import { EMPTY_JSON } from './json-body.js'

/** Refuses a body that was announced as JSON and is empty, on routes that read one. */
export class EmptyBodyPipe implements PipeTransform {
  /** @throws AppError `invalid_json`. */
  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    if (type === 'body' && value === EMPTY_JSON) throw invalidJson()
    return value
  }
}
