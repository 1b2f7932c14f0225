import { type ArgumentMetadata, type PipeTransform } from '@nestjs/common'
import { type DtoClass, parseDto } from './dto-validation.js'

const PLAIN_TYPES = new Set<unknown>([Object, Array, String, Number, Boolean])

/** The global pipe: turns every `@Body()` declared as a DTO class into a validated instance; leaves the rest alone. */
export class RequestBodyPipe implements PipeTransform {
  /** @throws AppError `invalid_request`. */
  transform(value: unknown, { type, metatype, data }: ArgumentMetadata): unknown {
    if (type !== 'body' || data !== undefined || metatype === undefined || PLAIN_TYPES.has(metatype)) return value
    return parseDto(metatype as DtoClass<object>, value)
  }
}
