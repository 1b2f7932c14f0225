import { type PipeTransform } from '@nestjs/common'
import { requireUuid } from '#kernel'

/** Checks a path parameter: `@Param('thread_id', new UuidPipe('thread'))` (contract 1.4). */
export class UuidPipe implements PipeTransform<string, string> {
  /** `kind` stands in the error's text: `thread`, `run`, `checkpoint`, … */
  constructor(private readonly kind: string) {}

  /** The id in lower case. @throws AppError `invalid_id`. */
  transform(value: string): string {
    return requireUuid(this.kind, value)
  }
}
