import { applyDecorators } from '@nestjs/common'
import { IsInt, IsOptional, Max, Min } from 'class-validator'

/** The part of the rows that a search answers with (contract 1.12). */
export interface Page {
  readonly limit: number
  readonly offset: number
}

/** The range of `limit` in bodies and queries. */
export const LIMIT_RANGE = { min: 1, max: 1000 }

/** The range of `offset` in bodies and queries: what a `bigint` and a number both hold exactly. */
export const OFFSET_RANGE = { min: 0, max: Number.MAX_SAFE_INTEGER }

const DEFAULT_LIMIT = 10

/** The property is a page's length, 1 to 1000; null is absent. */
export function IsLimit(): PropertyDecorator {
  return applyDecorators(IsOptional(), IsInt(), Min(LIMIT_RANGE.min), Max(LIMIT_RANGE.max))
}

/** The property is a number of rows to skip, from 0; null is absent. */
export function IsOffset(): PropertyDecorator {
  return applyDecorators(IsOptional(), IsInt(), Min(OFFSET_RANGE.min), Max(OFFSET_RANGE.max))
}

/** Body fields of a search. */
export class PageDto {
  /** Rows on a page; default 10. */
  @IsLimit()
  limit?: number | null

  /** Rows to skip; default 0. */
  @IsOffset()
  offset?: number | null
}

/** The page with its defaults. */
export function pageOf(dto: {
  readonly limit?: number | null | undefined
  readonly offset?: number | null | undefined
}): Page {
  return { limit: dto.limit ?? DEFAULT_LIMIT, offset: dto.offset ?? 0 }
}
