import { IsIn, IsOptional, IsString } from 'class-validator'
import { IsJsonObject } from '#http'
import type { JsonObject } from '#kernel'
import { IsUnsupported } from './is-unsupported.js'

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

  /** State to start with. */
  @IsUnsupported()
  supersteps?: null

  /** How long the thread lives. */
  @IsUnsupported()
  ttl?: null
}
