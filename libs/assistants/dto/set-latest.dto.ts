import { IsInt, IsOptional, Max, Min } from 'class-validator'
import { type IntegerRange, parseIntegerQuery, type QueryValue } from '#http'
import { invalidRequest } from '#kernel'

const VERSION_RANGE: IntegerRange = { min: 1, max: Number.MAX_SAFE_INTEGER }

/** Body of `POST /assistants/{assistant_id}/latest` (contract 3.9). */
export class SetLatestDto {
  @IsOptional()
  @Max(VERSION_RANGE.max)
  @Min(VERSION_RANGE.min)
  @IsInt()
  version?: number | null
}

/** The version in the body, or else in the query. @throws AppError `invalid_request` when it stands in neither. */
export function wantedVersion({ version }: SetLatestDto, query: QueryValue): number {
  const wanted = version ?? parseIntegerQuery(query, 'version', VERSION_RANGE)
  if (wanted === undefined) throw invalidRequest('version: must be an integer')
  return wanted
}
