import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString } from 'class-validator'
import { IsJsonObject } from '#http'
import type { JsonObject } from '#kernel'

/** Most supersteps of one request. */
const MAX_SUPERSTEPS = 1_000

/** Body of `POST /threads` (contract 4.1). */
export class CreateThreadDto {
  /** A UUID; a new one when absent. */
  @IsOptional()
  @IsString()
  thread_id?: string | null

  /** Default `{}`. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null

  /** What to do when the id is taken; default `raise`. */
  @IsOptional()
  @IsIn(['raise', 'do_nothing'])
  if_exists?: 'raise' | 'do_nothing' | null

  /** State to start with: each is read as a `SuperstepDto`. */
  @IsOptional()
  @ArrayMaxSize(MAX_SUPERSTEPS)
  @IsArray()
  supersteps?: unknown[] | null

  /** How long the thread lives: minutes, or `{ttl: minutes, strategy}`. Read by `parseTtl`. */
  @IsOptional()
  ttl?: unknown
}
