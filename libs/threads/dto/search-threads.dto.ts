import { IsArray, IsIn, IsOptional, IsString } from 'class-validator'
import { IsJsonObject, IsLimit, IsOffset } from '#http'
import type { JsonObject } from '#kernel'
import { THREAD_SORT_FIELDS, type ThreadOrder } from '../thread-filter.js'
import { THREAD_FIELDS } from '../thread-wire.js'
import { CountThreadsDto } from './count-threads.dto.js'

/** Body of `POST /threads/search` (contract 4.5). */
export class SearchThreadsDto extends CountThreadsDto {
  /** UUIDs of threads; empty is no restriction. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  ids?: string[] | null

  /** Rows on a page; default 10. */
  @IsLimit()
  limit?: number | null

  /** Rows to skip; default 0. */
  @IsOffset()
  offset?: number | null

  /** Default `created_at`. */
  @IsOptional()
  @IsIn(THREAD_SORT_FIELDS)
  sort_by?: ThreadOrder['by'] | null

  /** Default `desc`. */
  @IsOptional()
  @IsIn(['asc', 'desc'])
  sort_order?: ThreadOrder['direction'] | null

  /** Fields of the answer; all when absent. */
  @IsOptional()
  @IsArray()
  @IsIn(THREAD_FIELDS, { each: true })
  select?: string[] | null

  /** Alias → path into the thread; the values come back under `extracted`. */
  @IsOptional()
  @IsJsonObject()
  extract?: JsonObject | null
}
