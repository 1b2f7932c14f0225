import { IsIn, IsOptional } from 'class-validator'
import { IsJsonObject } from '#http'
import type { JsonObject } from '#kernel'
import { THREAD_STATUSES, type ThreadStatus } from '../thread.entity.js'

/** Body of `POST /threads/count` (contract 4.6). */
export class CountThreadsDto {
  /** Contained in the thread's metadata. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null

  /** Contained in the thread's values; threads without values do not match. */
  @IsOptional()
  @IsJsonObject()
  values?: JsonObject | null

  @IsOptional()
  @IsIn(THREAD_STATUSES)
  status?: ThreadStatus | null
}
